// Under test: serveMetrics on real ports.
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { serveMetrics, type MetricsServer, type MetricsServerOptions } from '../../src/metrics/metrics-server.js';
import { OptionsError } from '../../src/options/options-error.js';

let server: MetricsServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<MetricsServerOptions> = {}): Promise<string> {
  server = await serveMetrics(new MetricsCollector(), { port: 0, ...options });
  return `http://127.0.0.1:${server.port}`;
}

describe('serveMetrics', () => {
  it('answers on its own port, to this machine alone unless told otherwise', async () => {
    const url = await start();
    const response = await request(url).get('/metrics?x=1').expect(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.text).toContain('auth_token_validations_total');
    const json = await request(url).get('/metrics').set('Accept', 'application/json').expect(200);
    expect(json.body).toMatchObject({ totalTokens: 0 });
  });

  it('answers GET and HEAD at its path, and nothing else', async () => {
    const url = await start({ path: '/auth' });
    const head = await request(url).head('/auth').expect(200);
    expect(head.text).toBeFalsy();
    await request(url).get('/metrics').expect(404);
    const post = await request(url).post('/auth').expect(405);
    expect(post.headers['allow']).toBe('GET, HEAD');
  });

  it('asks for the token or for authorize where they are given, loopback or not', async () => {
    const url = await start({ token: 'scrape-me' });
    const refused = await request(url).get('/metrics').expect(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="metrics"');
    await request(url).get('/metrics').set('Authorization', 'Bearer scrape-me').expect(200);
    await server!.close();
    const other = await start({ authorize: async () => false });
    await request(other).get('/metrics').expect(403);
  });

  it('refuses to listen where others could read and nobody said that they may', async () => {
    const collector = new MetricsCollector();
    await expect(serveMetrics(collector, { port: 0, host: '0.0.0.0' })).rejects.toThrow(OptionsError);
    const open = await serveMetrics(collector, { port: 0, host: '0.0.0.0', allowAnonymous: true });
    await open.close();
  });

  it('says so when an option is wrong or the port is taken', async () => {
    const collector = new MetricsCollector();
    await expect(serveMetrics(collector, {} as MetricsServerOptions)).rejects.toThrow('serveMetrics.port must be');
    await expect(serveMetrics(collector, { port: 70_000 })).rejects.toThrow('serveMetrics.port must be');
    await expect(serveMetrics(collector, { port: 0, token: 'two words' })).rejects.toThrow(
      'serveMetrics.token must be',
    );
    await start();
    await expect(serveMetrics(collector, { port: server!.port })).rejects.toThrow('EADDRINUSE');
  });
});
