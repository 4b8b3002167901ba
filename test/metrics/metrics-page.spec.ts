// Under test: the page for Prometheus, read by the real promtool and by Prometheus's own OpenMetrics parser.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { busyCollector } from './busy-collector.js';
import { checkMetrics, importOpenMetrics, seriesOf } from './promtool.js';

describe('the text format', () => {
  it('is read by promtool, which has nothing to say against names and units, full or empty', () => {
    for (const metrics of [new MetricsCollector(), busyCollector()]) {
      expect(checkMetrics(metrics.toPrometheus())).toEqual({ status: 0, output: '' });
    }
  });

  it('says what was counted, in seconds where Prometheus wants seconds', () => {
    const series = seriesOf(busyCollector().toPrometheus());
    expect(Object.fromEntries(series)).toMatchObject({
      'auth_token_validations_total{result="success"}': 2001,
      'auth_token_validations_total{result="failure"}': 150,
      'auth_token_validation_errors_total{error_type="expired_token"}': 100,
      'auth_token_validation_errors_total{error_type="invalid_signature"}': 50,
      'auth_token_validation_errors_total{error_type="keys_unavailable"}': 0,
      'auth_token_validation_duration_seconds_bucket{le="0.0001"}': 1,
      'auth_token_validation_duration_seconds_bucket{le="0.1"}': 1100,
      'auth_token_validation_duration_seconds_bucket{le="1"}': 2150,
      'auth_token_validation_duration_seconds_bucket{le="+Inf"}': 2150,
      auth_token_validation_duration_seconds_count: 2150,
      auth_token_validation_duration_seconds_sum: 211.425,
      'auth_rate_limit_decisions_total{decision="allowed",policy="default"}': 1,
      'auth_rate_limit_decisions_total{decision="denied",policy="default"}': 1,
      'auth_rate_limit_decisions_total{decision="shadow_denied",policy="login \\"strict\\""}': 1,
      auth_rate_limit_store_up: 0,
      auth_rate_limit_store_outages_total: 1,
      auth_rate_limit_overflow_total: 1,
      'auth_requests_by_caller_total{kind="m2m"}': 1,
      'auth_audit_events_total{outcome="written"}': 3,
      'auth_audit_events_total{outcome="dropped"}': 2,
      'auth_audit_events_dropped_total{reason="queue_full"}': 2,
      'auth_metrics_label_overflow_total{label="error_type"}': 0,
      'auth_metrics_invalid_durations_total{reason="nan"}': 1,
      auth_metrics_start_time_seconds: 1_700_000_000.123,
    });
  });

  it('never holds an identity, which would be a series for each caller', () => {
    for (const identities of ['masked', 'hashed', 'plain'] as const) {
      expect(busyCollector({ identities }).toPrometheus()).not.toContain('user:');
    }
  });
});

describe('OpenMetrics', () => {
  it("is read by Prometheus's own parser, and ends with its end mark", () => {
    for (const metrics of [new MetricsCollector(), busyCollector(), busyCollector({ legacyNames: true })]) {
      const page = metrics.toPrometheus({ format: 'openmetrics' });
      expect(importOpenMetrics(page)).toMatchObject({ status: 0 });
      expect(page.endsWith('\n# EOF\n')).toBe(true);
    }
    expect(importOpenMetrics('auth_broken{').status).not.toBe(0);
  });

  it('names families without _total, units and le as the specification has them', () => {
    const page = busyCollector().toPrometheus({ format: 'openmetrics' });
    expect(page).toContain('# TYPE auth_token_validations counter\n# HELP auth_token_validations Token');
    expect(page).toContain('\nauth_token_validations_total{result="success"} 2001\n');
    expect(page).toContain('# UNIT auth_token_validation_duration_seconds seconds\n');
    expect(page).toContain('_bucket{le="1.0"} 2150\n');
    expect(page).toContain('_bucket{le="0.1"} 1100\n');
  });

  it('has the same series and values as the text format', () => {
    const metrics = busyCollector();
    const [text, openMetrics] = [
      seriesOf(metrics.toPrometheus()),
      seriesOf(metrics.toPrometheus({ format: 'openmetrics' })),
    ];
    const asText = [...openMetrics].map(([name, value]) => [name.replace(/(le="\d+)\.0"/, '$1"'), value]);
    expect(asText).toEqual([...text]);
  });
});

describe('legacyNames', () => {
  it("adds the original's metrics, which promtool can read, though their names break its rules", () => {
    const metrics = busyCollector({ legacyNames: true });
    metrics.recordValidationFailure('no "name" for a metric\n');
    const page = metrics.toPrometheus();
    expect(Object.fromEntries(seriesOf(page))).toMatchObject({
      auth_tokens_validated_total: 2001,
      auth_tokens_failed_total: 151,
      auth_success_rate: metrics.getMetrics().successRate,
      auth_validation_duration_avg_ms: metrics.getMetrics().validationTimeAvgMs,
      auth_validation_duration_p95_ms: metrics.getMetrics().validationTimeP95Ms,
      auth_validation_duration_p99_ms: metrics.getMetrics().validationTimeP99Ms,
      auth_errors_expired_token: 100,
      auth_errors_invalid_signature: 50,
    });
    expect(page).not.toMatch(/^auth_errors_no/m);
    const { status, output } = checkMetrics(page);
    expect(status).toBe(3);
    expect(output).not.toContain('error while linting');
  });

  it('adds nothing unless it is asked for', () => {
    expect(busyCollector().toPrometheus()).not.toMatch(/auth_success_rate|auth_errors_|_ms /);
  });
});

describe('hostile names', () => {
  const HOSTILE = [
    'quote"',
    'back\\slash',
    'new\nline',
    '\\n',
    '}\nup 0\n# TYPE x counter',
    '日本語 🔑',
    '\u0000nul',
    '\ud800lone',
    'lone\udfff',
    '',
    '__proto__',
    'constructor',
    '   ',
    'x'.repeat(5000),
    '🔑'.repeat(100),
    `${'y'.repeat(119)}🔑`,
    'a{b="c"} 1',
    '\r\n',
    '\u2028',
    '# EOF',
    '+Inf',
  ];

  it('are labels and nothing else, one series each, to both parsers', () => {
    const metrics = new MetricsCollector();
    for (const name of HOSTILE) {
      metrics.recordValidationFailure(name);
      metrics.recordRateLimit(name, 'denied', name);
      metrics.recordAuditDropped(name);
    }
    const page = metrics.toPrometheus();
    expect(checkMetrics(page)).toEqual({ status: 0, output: '' });
    expect(importOpenMetrics(metrics.toPrometheus({ format: 'openmetrics' }))).toMatchObject({ status: 0 });
    expect(page).not.toMatch(/^up /m);
    expect(page.match(/^auth_token_validation_errors_total\{error_type="[^\n]*"\} 1$/gm)).toHaveLength(HOSTILE.length);
  });

  it('stay labels, whatever they are made of', () => {
    const part = fc.oneof(
      fc.constantFrom('"', '\\', '\n', '\r', '{', '}', '#', ' ', '\\n', '\ud83d', '\udd11', '\u0000'),
      fc.string({ unit: 'binary' }),
    );
    const names = fc.array(
      fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(names, (errors) => {
        const metrics = new MetricsCollector();
        for (const error of errors) metrics.recordValidationFailure(error);
        expect(checkMetrics(metrics.toPrometheus())).toEqual({ status: 0, output: '' });
      }),
      { numRuns: 40 },
    );
  });

  it('cost at most 1 MB and 1 ms a scrape when a million come, some of them a megabyte long, and the page can be read', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = (): number => (collect(), collect(), process.memoryUsage().heapUsed);
    const hostile = (index: number): string =>
      index % 20_000 === 0
        ? `${index}`.padEnd(1_000_000, '\\"\n🔑')
        : `${HOSTILE[index % HOSTILE.length]!.slice(0, 100)}${index}`;

    const metrics = new MetricsCollector();
    const before = heap();
    for (let index = 0; index < 1_000_000; index++) metrics.recordValidationFailure(hostile(index));
    metrics.recordValidationFailure('expired_token');
    expect(heap() - before).toBeLessThanOrEqual(1_000_000);

    const page = metrics.toPrometheus();
    const fastest = Math.min(...Array.from({ length: 50 }, () => timeOf(() => metrics.toPrometheus())));
    expect(fastest).toBeLessThanOrEqual(1);
    expect(checkMetrics(page)).toEqual({ status: 0, output: '' });
    expect(page.match(/^auth_token_validation_errors_total/gm)).toHaveLength(15 + 64 + 1);
    const series = seriesOf(page);
    expect(series.get('auth_token_validation_errors_total{error_type="expired_token"}')).toBe(1);
    expect(series.get('auth_token_validation_errors_total{error_type="_other"}')).toBe(1_000_000 - 64);
    expect(series.get('auth_metrics_label_overflow_total{label="error_type"}')).toBe(1_000_000 - 64);
  });
});

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
