// Real: a Prometheus that scrapes applications on both frameworks, with tokens, under a prefix and versions, and on a port of
// their own. Nothing is faked. A busy machine makes a scrape come to nothing now and then: each question is asked of one that did not.
import { Module, VersioningType } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuthServicesModule, MetricsCollector, serveMetrics, type MetricsServer } from '../../src/index.js';
import { startPrometheus, type RunningPrometheus } from '../../tools/prometheus.mjs';
import { ADAPTERS, startApp, type RunningApp } from '../support/app.js';

const TOKEN = 'what-the-scraper-sends';
const HOSTILE = 100_000;
const DEADLINE_MS = 60_000;
jest.setTimeout(2 * DEADLINE_MS);

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
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        ...ADAPTERS.map((adapter) => job(adapter, apps.get(adapter)!.port, '/api/internal/metrics', TOKEN)),
        job('attacked', ownPort.port, '/metrics'),
        job('wrong token', apps.get('express')!.port, '/api/internal/metrics', 'a-guess'),
      ],
    }),
  );
  for (const name of [...ADAPTERS, 'attacked']) await scrapeOf(name);
});
afterAll(async () => {
  await prometheus?.stop();
  await ownPort?.close();
  await Promise.all([...apps.values()].map((running) => running.close()));
});

async function eventually<Answer>(ask: () => Promise<Answer | undefined>, what: string): Promise<Answer> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(100)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
}

/**
 * The moment of a scrape that succeeded, and began after `afterMs`. What it brought is there at once and for good, whatever comes
 * of the next one.
 */
async function scrapeOf(job: string, afterMs = 0): Promise<number> {
  return eventually(async () => {
    const [sample] = await prometheus.query(`timestamp(up{job="${job}"}) and up{job="${job}"} == 1`);
    const seconds = Number(sample?.value[1]);
    return seconds * 1000 > afterMs ? seconds : undefined;
  }, `a scrape of ${job} that succeeds`);
}

/** The one figure of an answer, as of that moment. */
async function figure(query: string, at: number): Promise<number> {
  const result = await prometheus.query(query, at);
  expect({ query, result }).toHaveProperty('result.length', 1);
  return Number(result[0]!.value[1]);
}

describe.each(ADAPTERS)(
  'Prometheus, scraping %s with the token, under a prefix and beside versioned routes',
  (adapter) => {
    it('reads the page and sees the numbers that were counted, to the last place', async () => {
      const at = await scrapeOf(adapter);
      const snapshot = collectorOf(adapter).getMetrics();
      const of = (result: string): Promise<number> =>
        figure(`auth_token_validations_total{job="${adapter}",result="${result}"}`, at);
      expect([await of('success'), await of('failure')]).toEqual([snapshot.tokensValidated, snapshot.tokensFailed]);
      expect(
        100 *
          (await figure(
            `auth_token_validations_total{job="${adapter}",result="success"} / on (job) sum by (job) (auth_token_validations_total)`,
            at,
          )),
      ).toBeCloseTo(98.522_167_487_684_73, 12);
      for (const [errorType, count] of Object.entries(snapshot.errorsByType)) {
        const query = `auth_token_validation_errors_total{job="${adapter}",error_type="${errorType}"}`;
        expect(await figure(query, at)).toBe(count);
      }
      const duration = `auth_token_validation_duration_seconds`;
      const mean = `${duration}_sum{job="${adapter}"} / ${duration}_count{job="${adapter}"}`;
      expect(await figure(mean, at)).toBeCloseTo(0.0253, 15);
      expect(await figure(`${duration}_bucket{job="${adapter}",le="0.025"}`, at)).toBe(0);
      expect(await figure(`${duration}_bucket{job="${adapter}",le="0.05"}`, at)).toBe(10_149);
    });

    it('has negotiated OpenMetrics, the only one of its formats that tells a unit', async () => {
      const about = { match_target: `{job="${adapter}"}`, metric: 'auth_token_validation_duration_seconds' };
      const metadata = await eventually(
        async () => (await prometheus.get<{ unit: string; type: string }[]>('targets/metadata', about))[0],
        'metadata of a scrape',
      );
      expect(metadata).toMatchObject({ type: 'histogram', unit: 'seconds' });
    });

    it('takes a reset for a restart: what is counted afterwards is an increase, and nothing falls', async () => {
      const metrics = collectorOf(adapter);
      metrics.reset();
      for (let n = 0; n < 7; n++) metrics.recordValidationFailure('malformed', 1);
      const at = await scrapeOf(adapter, Date.now());
      const increase = `increase(auth_token_validation_errors_total{job="${adapter}",error_type="malformed"}[5m])`;
      expect(await figure(increase, at)).toBeGreaterThan(0);
      expect(await figure(`auth_token_validations_total{job="${adapter}",result="success"}`, at)).toBe(0);
    });
  },
);

it('sees a page with a hundred thousand hostile names as one series for each that may have its own, and the real one by name', async () => {
  const at = await scrapeOf('attacked');
  const errors = 'auth_token_validation_errors_total{job="attacked"}';
  expect(await figure(`count(${errors})`, at)).toBe(15 + 64 + 1);
  expect(await figure(`sum(${errors})`, at)).toBe(HOSTILE + 1);
  expect(await figure('auth_token_validation_errors_total{job="attacked",error_type="expired_token"}', at)).toBe(1);
  expect(await figure('auth_token_validation_errors_total{job="attacked",error_type="_other"}', at)).toBe(HOSTILE - 64);
});

it('is kept out by a wrong token, which shows as up == 0 and as the 401 that it is', async () => {
  await eventually(async () => {
    const { activeTargets } = await prometheus.get<{
      activeTargets: { labels: { job: string }; lastError: string }[];
    }>('targets');
    return activeTargets.find(({ labels, lastError }) => labels.job === 'wrong token' && lastError.includes('401'));
  }, 'a 401 for the wrong token');
  expect(await figure('max_over_time(up{job="wrong token"}[10m])', Date.now() / 1000)).toBe(0);
});
