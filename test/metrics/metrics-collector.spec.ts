// Under test: MetricsCollector with nothing faked but the clock.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { durations } from './samples.js';

function times(count: number, record: () => void): void {
  for (let index = 0; index < count; index++) record();
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const EMPTY = {
  uptimeSeconds: 0,
  tokensValidated: 0,
  tokensFailed: 0,
  totalTokens: 0,
  successRate: 0,
  validationTimeAvgMs: 0,
  validationTimeP50Ms: 0,
  validationTimeP95Ms: 0,
  validationTimeP99Ms: 0,
  errorsByType: {},
  rateLimit: { allowed: 0, denied: 0, shadowDenied: 0, overflowed: 0, topDenied: [] },
  callers: { human: 0, m2m: 0, unknown: 0, anonymous: 0 },
  audit: { written: 0, dropped: 0 },
  store: { state: 'up', outages: 0 },
};

describe('the snapshot', () => {
  it("gives the original's numbers for the original's example, not rounded", () => {
    const metrics = new MetricsCollector();
    times(10_000, () => metrics.recordValidationSuccess(23.7));
    times(100, () => metrics.recordValidationFailure('expired_token', 45.7));
    times(50, () => metrics.recordValidationFailure('invalid_signature', 89.2));
    expect(metrics.getMetrics()).toMatchObject({
      tokensValidated: 10_000,
      tokensFailed: 150,
      totalTokens: 10_150,
      successRate: 98.52216748768473,
      errorsByType: { expired_token: 100, invalid_signature: 50 },
    });
  });

  it('has p95 and p99 of 1 to 100 ms within 1 of 95 and 99', () => {
    const metrics = new MetricsCollector();
    for (let ms = 1; ms <= 100; ms++) metrics.recordValidationSuccess(ms);
    const { validationTimeAvgMs, validationTimeP50Ms, validationTimeP95Ms, validationTimeP99Ms } = metrics.getMetrics();
    expect([validationTimeAvgMs, validationTimeP50Ms, validationTimeP95Ms, validationTimeP99Ms]).toEqual([
      50.5, 51, 96, 100,
    ]);
  });

  it('is all zeros before the first event', () => {
    expect(new MetricsCollector({}, () => 1000).getMetrics()).toStrictEqual(EMPTY);
  });

  it('counts a validation without a time, and leaves it out of the times', () => {
    const metrics = new MetricsCollector();
    metrics.recordValidationSuccess();
    metrics.recordValidationSuccess(4);
    metrics.recordValidationFailure('key');
    const { totalTokens, validationTimeAvgMs } = metrics.getMetrics();
    expect([totalTokens, validationTimeAvgMs]).toEqual([3, 4]);
    expect(metrics.toPrometheus()).not.toMatch(/^auth_metrics_invalid_durations_total.* [1-9]/m);
  });

  it('counts decisions, callers, audit events and outages of the store', () => {
    const metrics = new MetricsCollector({ identities: 'plain' });
    metrics.recordRateLimit('default', 'allowed', 'user:1');
    times(3, () => metrics.recordRateLimit('default', 'denied', 'user:1'));
    metrics.recordRateLimit('login', 'denied', 'ip:192.0.2.1');
    metrics.recordRateLimit('login', 'shadow_denied', 'user:3');
    metrics.recordRateLimit('login', 'denied');
    for (const kind of ['human', 'm2m', 'm2m', 'anonymous', 'unknown'] as const) metrics.recordCaller(kind);
    metrics.recordAuditWritten(7);
    metrics.recordAuditDropped('queue_full', 2);
    metrics.recordAuditDropped('sink_failed');
    for (const state of ['down', 'down', 'up', 'down'] as const) metrics.recordStoreState(state);
    expect(metrics.getMetrics()).toMatchObject({
      rateLimit: {
        allowed: 1,
        denied: 5,
        shadowDenied: 1,
        overflowed: 0,
        topDenied: [
          { identity: 'user:1', count: 3 },
          { identity: 'ip:192.0.2.1', count: 1 },
        ],
      },
      callers: { human: 1, m2m: 2, unknown: 1, anonymous: 1 },
      audit: { written: 7, dropped: 3 },
      store: { state: 'down', outages: 2 },
    });
  });

  it('shows identities masked unless told otherwise, and keeps none when told false', () => {
    const topDenied = (identities?: 'masked' | 'hashed' | 'plain' | false) => {
      const metrics = new MetricsCollector({ identities });
      metrics.recordRateLimit('default', 'denied', 'user:alice@example.com');
      return metrics.getMetrics().rateLimit.topDenied.map(({ identity }) => identity);
    };
    expect(topDenied()).toEqual([expect.stringMatching(/^user:al\*\*\*#[0-9a-f]{4}$/)]);
    expect(topDenied('hashed')).toEqual([expect.stringMatching(/^user:[0-9a-f]{16}$/)]);
    expect(topDenied('plain')).toEqual(['user:alice@example.com']);
    expect(topDenied(false)).toEqual([]);
  });

  it('has uptime by the clock, and never a negative one when the clock is set back', () => {
    let now = 5000;
    const metrics = new MetricsCollector({}, () => now);
    now = 7500;
    expect(metrics.getMetrics().uptimeSeconds).toBe(2.5);
    now = 1000;
    expect(metrics.getMetrics().uptimeSeconds).toBe(0);
    now = NaN;
    expect(metrics.getMetrics().uptimeSeconds).toBe(0);
  });

  it('can be kept: later events do not change it', () => {
    const metrics = new MetricsCollector();
    const before = metrics.getMetrics();
    metrics.recordCaller('human');
    metrics.recordValidationFailure('key', 3);
    expect([before.callers.human, before.errorsByType, before.totalTokens]).toEqual([0, {}, 0]);
  });
});

describe('odd input', () => {
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom<unknown>(Symbol('x'), () => 1, '__proto__', { toString: null }),
  );

  it('throws nothing and poisons nothing, whatever is recorded where', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(6), anything, anything), { maxLength: 60 }), (events) => {
        const metrics = new MetricsCollector({ identities: 'plain' }) as unknown as Record<
          string,
          (...args: unknown[]) => void
        >;
        const methods = [
          'recordValidationSuccess',
          'recordValidationFailure',
          'recordRateLimit',
          'recordCaller',
          'recordAuditWritten',
          'recordAuditDropped',
          'recordStoreState',
        ];
        for (const [method, first, second] of events) metrics[methods[method]!]!(first, second, first);
        const collector = metrics as unknown as MetricsCollector;
        const snapshot = collector.getMetrics();
        const numbers = Object.values(snapshot).filter((value) => typeof value === 'number');
        expect(numbers).toHaveLength(9);
        for (const value of numbers) expect(value).toBeGreaterThanOrEqual(0);
        expect(snapshot.totalTokens).toBe(events.filter(([method]) => method < 2).length);
        expect(Object.values(snapshot.errorsByType).reduce((sum, count) => sum + count, 0)).toBe(snapshot.tokensFailed);
        expect(collector.toPrometheus()).not.toMatch(/ (NaN|undefined|null|-\d|Infinity|\[)/);
        expect(JSON.parse(JSON.stringify(snapshot))).toMatchObject({ totalTokens: snapshot.totalTokens });
      }),
    );
  });

  it('counts __proto__, constructor and their like as the names they are', () => {
    const metrics = new MetricsCollector();
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) times(2, () => metrics.recordValidationFailure(name));
    const { errorsByType } = metrics.getMetrics();
    expect(Object.entries(errorsByType)).toEqual(names.map((name) => [name, 2]));
    expect(Object.getPrototypeOf(errorsByType)).toBe(Object.prototype);
    expect(JSON.stringify(errorsByType)).toContain('"__proto__":2');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('reset', () => {
  it('zeroes everything that is counted and starts the clock again; the state of the store is no count', () => {
    let now = 0;
    const metrics = new MetricsCollector({}, () => now);
    for (const ms of durations('lognormal', 2000, 1)) metrics.recordValidationFailure('mine', ms);
    metrics.recordValidationSuccess(NaN);
    metrics.recordRateLimit('default', 'denied', 'user:1');
    metrics.recordCaller('m2m');
    metrics.recordAuditWritten();
    metrics.recordAuditDropped('queue_full');
    metrics.recordStoreState('down');
    now = 60_000;
    metrics.reset();
    expect(metrics.getMetrics()).toStrictEqual({ ...EMPTY, store: { state: 'down', outages: 0 } });
    const page = metrics.toPrometheus();
    expect(page).toContain('auth_metrics_start_time_seconds 60\n');
    expect(page).not.toContain('mine');
    const values = page
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('start_time'));
    for (const line of values) expect(line).toMatch(/ 0$/);
  });
});

describe('memory', () => {
  const values = durations('heavy-tailed', 65_536, 2);

  /** Bytes for one collector: the least of several rounds, because Jest's own memory comes and goes. */
  function bytesEach(use: () => MetricsCollector): number {
    use();
    const rounds = Array.from({ length: 3 }, () => {
      const before = heapBytes();
      const collectors = Array.from({ length: 16 }, use);
      return (heapBytes() - before) / collectors.length;
    });
    return Math.min(...rounds);
  }

  function validated(types: number): MetricsCollector {
    const metrics = new MetricsCollector();
    for (let index = 0; index < 50_000; index++) {
      metrics.recordValidationFailure(`own_${index % types}`, values[index & 65_535]);
    }
    metrics.getMetrics();
    metrics.toPrometheus();
    return metrics;
  }

  it('is at most 64 KB for a collector with 20 error types, however many events there were', () => {
    expect(bytesEach(() => validated(5))).toBeLessThanOrEqual(64 * 1024);
  });

  it('is at most 160 KB with every table full: error types, policies, denied identities, both formats', () => {
    const full = (): MetricsCollector => {
      const metrics = validated(100);
      for (let index = 0; index < 5000; index++) {
        metrics.recordRateLimit(`policy ${index % 100}`, 'denied', `user:0f8fad5b-d9cb-469f-a165-${index}`);
      }
      metrics.toPrometheus({ format: 'openmetrics' });
      return metrics;
    };
    expect(bytesEach(full)).toBeLessThanOrEqual(160 * 1024);
  });
});

it('refuses options that it does not know or cannot use, as the module does', () => {
  expect(() => new MetricsCollector({ maxErrorTypes: -1 })).toThrow('metrics.maxErrorTypes');
  expect(() => new MetricsCollector({ maxErrorType: 5 } as object)).toThrow('Did you mean "maxErrorTypes"?');
});
