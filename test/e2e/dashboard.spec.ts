// Real: the sample 11 as a process of its own with its traffic, a Prometheus that scrapes it by the sample's own configuration
// with the rules of the package, and every query that stands in the dashboard. Faked: Prometheus's patience (shorter intervals).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allQueries, expressionOf } from '../../tools/dashboard.mjs';
import { startPrometheus, type InstantSample, type RunningPrometheus } from '../../tools/prometheus.mjs';
import { startSample, type RunningSample } from '../../tools/sample.mjs';

const SAMPLE = '11-prometheus-grafana';
let sample: RunningSample;
let prometheus: RunningPrometheus;

beforeAll(async () => {
  sample = await startSample(SAMPLE);
  const config = readFileSync(`sample/${SAMPLE}/prometheus.yml`, 'utf8')
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${sample.port}`)
    .replaceAll('_interval: 5s', '_interval: 500ms')
    .replace('../../prometheus/rules.yml', resolve('prometheus/rules.yml'));
  prometheus = await startPrometheus(config);
}, 120_000);
afterAll(async () => {
  await prometheus?.stop();
  await sample?.stop();
});

/** Asks until the answer is one, as a dashboard does that refreshes itself. */
async function answerTo(expr: string, isAnswer: (result: InstantSample[]) => boolean): Promise<InstantSample[]> {
  const expression = expressionOf(expr, { window: '10s', range: '1m' });
  const end = Date.now() + 45_000;
  let result = await prometheus.query(expression);
  while (!isAnswer(result) && Date.now() < end) {
    await sleep(500);
    result = await prometheus.query(expression);
  }
  return result;
}

const isFigure = ({ value: [, value] }: InstantSample): boolean => Number.isFinite(Number(value));

describe('a Prometheus that scrapes the sample', () => {
  it.each(allQueries())(
    'answers the query of "$where" with data: $expr',
    async ({ expr }) => {
      const result = await answerTo(expr, (found) => found.length > 0 && found.every(isFigure));
      expect(result.length).toBeGreaterThan(0);
      expect(result.filter((entry) => !isFigure(entry))).toEqual([]);
    },
    60_000,
  );

  it('fires an alert for the audit events that the sample loses, with texts that could be filled in', async () => {
    await answerTo('ALERTS{alertname="AuthAuditEventsDropped",alertstate="firing"}', (found) => found.length > 0);
    const { alerts } = await prometheus.get<{ alerts: { labels: object; annotations: Record<string, string> }[] }>(
      'alerts',
    );
    expect(alerts).toContainEqual(
      expect.objectContaining({
        labels: { alertname: 'AuthAuditEventsDropped', job: 'orders-api', severity: 'critical' },
        annotations: expect.objectContaining({ summary: 'orders-api has dropped audit events' }),
      }),
    );
    expect(alerts.flatMap(({ annotations }) => Object.values(annotations)).join()).not.toContain('<error');
  });
});
