// Real: a Prometheus that scrapes applications on both frameworks, with tokens, under a prefix and versions, and on a port of
// their own. Nothing is faked.
import { Module, VersioningType } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthServicesModule, MetricsCollector, serveMetrics, type MetricsServer } from '../../src/index.js';
import { startPrometheus, type InstantSample, type RunningPrometheus } from '../../tools/prometheus.mjs';
import { ADAPTERS, startApp, type RunningApp } from '../support/app.js';

const TOKEN = 'what-the-scraper-sends';
const HOSTILE = 100_000;

@Module({
  imports: [
    AuthServicesModule.forRoot({
      audit: { logToConsole: false },
      metrics: { token: TOKEN },
      metricsEndpoint: { path: 'internal/metrics' },
    }),
  ],
})
class App {}

const apps = new Map<string, RunningApp>();
let ownPort: MetricsServer;
let prometheus: RunningPrometheus;

const collectorOf = (adapter: string): MetricsCollector => apps.get(adapter)!.app.get(MetricsCollector);

beforeAll(async () => {
  for (const adapter of ADAPTERS) {
    const running = await startApp(adapter, App, {
      configure: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    apps.set(adapter, running);
    const metrics = running.app.get(MetricsCollector);
    for (let ms = 1; ms <= 10_000; ms++) metrics.recordValidationSuccess(ms === 10_000 ? undefined : 25.3);
    for (let n = 0; n < 150; n++)
      metrics.recordValidationFailure(n < 100 ? 'expired_token' : 'invalid_signature', 25.3);
  }
  const attacked = new MetricsCollector();
  for (let n = 0; n < HOSTILE; n++) attacked.recordValidationFailure(`"}\n# EOF\\ 🔑 up{x="${n}`);
  attacked.recordValidationFailure('expired_token');
  ownPort = await serveMetrics(attacked, { port: 0 });

  const job = (name: string, port: number, metrics_path: string, credentials?: string) => ({
    job_name: name,
    metrics_path,
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    ...(credentials !== undefined && { authorization: { credentials } }),
  });
  prometheus = await startPrometheus(
    JSON.stringify({
      global: { scrape_interval: '500ms', scrape_timeout: '500ms' },
      scrape_configs: [
        ...ADAPTERS.map((adapter) => job(adapter, apps.get(adapter)!.port, '/api/internal/metrics', TOKEN)),
        job('attacked', ownPort.port, '/metrics'),
        job('wrong token', apps.get('express')!.port, '/api/internal/metrics', 'a-guess'),
      ],
    }),
  );
  await answerTo('count(up) == 4', (found) => found.length > 0);
}, 60_000);
afterAll(async () => {
  await prometheus?.stop();
  await ownPort?.close();
  await Promise.all([...apps.values()].map((running) => running.close()));
});

async function answerTo(query: string, isAnswer: (result: InstantSample[]) => boolean): Promise<InstantSample[]> {
  const end = Date.now() + 30_000;
  let result = await prometheus.query(query);
  while (!isAnswer(result) && Date.now() < end) {
    await sleep(200);
    result = await prometheus.query(query);
  }
  return result;
}

/** The one figure of an answer. */
async function figure(query: string): Promise<number> {
  const result = await prometheus.query(query);
  expect({ query, result }).toHaveProperty('result.length', 1);
  return Number(result[0]!.value[1]);
}

describe.each(ADAPTERS)(
  'Prometheus, scraping %s with the token, under a prefix and beside versioned routes',
  (adapter) => {
    it('reads the page and sees the numbers that were counted, to the last place', async () => {
      expect(await figure(`up{job="${adapter}"}`)).toBe(1);
      const snapshot = collectorOf(adapter).getMetrics();
      const of = (result: string): Promise<number> =>
        figure(`auth_token_validations_total{job="${adapter}",result="${result}"}`);
      expect([await of('success'), await of('failure')]).toEqual([snapshot.tokensValidated, snapshot.tokensFailed]);
      expect(
        100 *
          (await figure(
            `auth_token_validations_total{job="${adapter}",result="success"} / on (job) sum by (job) (auth_token_validations_total)`,
          )),
      ).toBeCloseTo(98.522_167_487_684_73, 12);
      for (const [errorType, count] of Object.entries(snapshot.errorsByType)) {
        expect(await figure(`auth_token_validation_errors_total{job="${adapter}",error_type="${errorType}"}`)).toBe(
          count,
        );
      }
      const duration = `auth_token_validation_duration_seconds`;
      expect(await figure(`${duration}_sum{job="${adapter}"} / ${duration}_count{job="${adapter}"}`)).toBeCloseTo(
        0.0253,
        15,
      );
      expect(await figure(`${duration}_bucket{job="${adapter}",le="0.025"}`)).toBe(0);
      expect(await figure(`${duration}_bucket{job="${adapter}",le="0.05"}`)).toBe(10_149);
    });

    it('has negotiated OpenMetrics, the only one of its formats that tells a unit', async () => {
      const [metadata] = await prometheus.get<{ target: object; unit: string; type: string }[]>('targets/metadata', {
        match_target: `{job="${adapter}"}`,
        metric: 'auth_token_validation_duration_seconds',
      });
      expect(metadata).toMatchObject({ type: 'histogram', unit: 'seconds' });
    });

    it('takes a reset for a restart: what is counted afterwards is an increase, and nothing falls', async () => {
      const metrics = collectorOf(adapter);
      metrics.reset();
      for (let n = 0; n < 7; n++) metrics.recordValidationFailure('malformed', 1);
      const query = `increase(auth_token_validation_errors_total{job="${adapter}",error_type="malformed"}[5m]) > 0`;
      expect(await answerTo(query, (found) => found.length > 0)).toHaveLength(1);
      expect(await figure(`auth_token_validations_total{job="${adapter}",result="success"}`)).toBe(0);
    });
  },
);

it('sees a page with a hundred thousand hostile names as one series for each that may have its own, and the real one by name', async () => {
  expect(await figure('up{job="attacked"}')).toBe(1);
  expect(await figure('count(auth_token_validation_errors_total{job="attacked"})')).toBe(15 + 64 + 1);
  expect(await figure('sum(auth_token_validation_errors_total{job="attacked"})')).toBe(HOSTILE + 1);
  expect(await figure('auth_token_validation_errors_total{job="attacked",error_type="expired_token"}')).toBe(1);
  expect(await figure('auth_token_validation_errors_total{job="attacked",error_type="_other"}')).toBe(HOSTILE - 64);
});

it('is kept out by a wrong token, which shows as up == 0', async () => {
  expect(await figure('up{job="wrong token"}')).toBe(0);
});
