// Real: the logger with its queues and workers, and the event loop. Faked: sinks; the waits are shortened.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AuthEvent } from '../../src/events/auth-event.js';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import type { AuditSink } from '../../src/audit/audit-sink.js';
import type { AuditOptions } from '../../src/audit/audit.options.js';
import { OptionsError } from '../../src/options/options-error.js';
import { RecordingAuditSink } from '../../src/testing/recording-audit-sink.js';
import { entry, PlainSink, turns } from './support.js';

const QUICK = { deadlineMs: 40, backoffMs: 1, maxBackoffMs: 4 };
const loggers: AuditLogger[] = [];
function loggerOf(options: AuditOptions, publish?: (event: AuthEvent) => void, now?: () => number): AuditLogger {
  const logger = new AuditLogger(options, publish, now, QUICK);
  loggers.push(logger);
  return logger;
}
afterEach(async () => {
  await Promise.all(loggers.splice(0).map((logger) => logger.close()));
});

/** Waits for what a sink's worker does by itself after a short backoff. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 4000; !condition();) {
    if (performance.now() > end) throw new Error('not within 4 seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('AuditLogger', () => {
  it('calls no sink inside log, because a request must not wait for one', async () => {
    const sink = new PlainSink();
    const logger = loggerOf({ sinks: [sink] });
    logger.log(entry(1));
    expect(sink.calls).toHaveLength(0);
    await logger.flush();
    expect(sink.events).toHaveLength(1);
  });

  it('hands events over in batches and in order', async () => {
    const sink = new PlainSink();
    const logger = loggerOf({ sinks: [sink] });
    for (let index = 0; index < 1300; index++) logger.log(entry(index));
    await logger.flush();
    expect(sink.events.map(({ metadata }) => metadata!['index'])).toEqual(Array.from({ length: 1300 }, (_, i) => i));
    expect(sink.calls.length).toBeLessThan(10);
  });

  it('stamps the time of its clock, in UTC to the millisecond, across seconds', async () => {
    const sink = new RecordingAuditSink();
    let ms = Date.UTC(2026, 0, 1, 0, 0, 0, 7);
    const logger = loggerOf({ sinks: [sink] }, undefined, () => ms);
    for (const step of [0, 86, 900, 7, 60_000.9]) {
      ms += step;
      logger.log(entry());
      expect(sink.events.at(-1)!.timestamp).toBe(new Date(Math.floor(ms)).toISOString());
    }
  });

  it('has the three methods of the original', () => {
    const sink = new RecordingAuditSink();
    const logger = loggerOf({ sinks: [sink] });
    logger.logAuthSuccess({ userId: 'ann' });
    logger.logAuthFailure('expired_token', { path: '/a' });
    logger.logAuthFailure('missing');
    logger.logAccessDenied('not_owner', { userId: 'ann', eventType: 'forged' } as never);
    expect(sink.events).toMatchObject([
      { eventType: 'auth_success', outcome: 'success', userId: 'ann' },
      { eventType: 'auth_failure', outcome: 'failure', reason: 'expired_token', path: '/a' },
      { eventType: 'auth_failure', reason: 'missing' },
      { eventType: 'access_denied', outcome: 'denied', reason: 'not_owner' },
    ]);
  });

  it.each<[string, AuditSink]>([
    [
      'throws',
      {
        write: () => {
          throw new Error('sink down');
        },
      },
    ],
    ['rejects', { write: () => Promise.reject(new Error('sink down')) }],
    ['hangs', { write: () => new Promise(() => undefined) }],
    [
      'answers with a trap',
      {
        write: () =>
          // oxlint-disable-next-line unicorn/no-thenable -- the trap is the point
          Object.defineProperty({}, 'then', {
            get: () => {
              throw new Error('sink down');
            },
          }) as never,
      },
    ],
    [
      'throws nothing that can be read',
      {
        write: () => {
          throw new Proxy(
            {},
            {
              get: () => {
                throw new Error('trap');
              },
            },
          );
        },
      },
    ],
  ])('lets a sink that %s touch nothing but itself, and says so in the status', async (_what, bad) => {
    const good = new PlainSink();
    const logger = loggerOf({ sinks: [Object.assign(bad, { name: 'bad' }), good] });
    expect(() => logger.log(entry(1))).not.toThrow();
    await turns();
    logger.log(entry(2));
    await logger.flush();
    expect(good.events).toHaveLength(2);
    await until(() => logger.status.sinks[0]!.state === 'failing');
    expect(logger.status).toMatchObject({
      state: 'degraded',
      sinks: [
        { name: 'bad', error: expect.any(String) },
        { state: 'ok', written: 2 },
      ],
    });
  });

  it('offers a batch again until the sink takes it, so that each event arrives at least once', async () => {
    const sink = new PlainSink();
    let down = 3;
    const flaky: AuditSink = {
      write: async (events) => {
        if (down-- > 0) throw new Error('down');
        await sink.write(events);
      },
    };
    const logger = loggerOf({ sinks: [flaky] });
    for (let index = 0; index < 10; index++) logger.log(entry(index));
    await until(() => sink.events.length === 10);
    expect(sink.events.map(({ metadata }) => metadata!['index'])).toEqual(Array.from({ length: 10 }, (_, i) => i));
    expect(logger.status).toMatchObject({ state: 'ok', written: 10, dropped: {} });
  });

  it('loses only the event that a sink can never take, counted, and not those beside it', async () => {
    const taken: number[] = [];
    const picky: AuditSink = {
      write: (events) => {
        if (events.some(({ metadata }) => metadata!['index'] === 13)) throw new Error('cannot take 13');
        taken.push(...events.map(({ metadata }) => metadata!['index'] as number));
      },
    };
    const logger = loggerOf({ sinks: [picky] });
    for (let index = 0; index < 40; index++) logger.log(entry(index));
    await until(() => taken.length === 39);
    expect(taken).not.toContain(13);
    expect(taken).toEqual(taken.toSorted((a, b) => a - b));
    expect(logger.status.dropped).toEqual({ sink_error: 1 });
  });

  it('makes one call of a sink at a time, and the next events wait', async () => {
    let running = 0;
    let most = 0;
    const slow: AuditSink = {
      write: async () => {
        most = Math.max(most, ++running);
        await turns(2);
        running--;
      },
    };
    const logger = loggerOf({ sinks: [slow] });
    for (let index = 0; index < 20; index++) {
      logger.log(entry(index));
      await turns(1);
    }
    await logger.flush();
    expect(most).toBe(1);
    expect(logger.status.written).toBe(20);
  });

  it('bounds what waits for a sink that hangs, and counts the rest as lost', async () => {
    const logger = loggerOf({ sinks: [{ write: () => new Promise(() => undefined) }], queue: { maxEvents: 50 } });
    for (let index = 0; index < 5000; index++) logger.log(entry(index));
    expect(logger.status.queued).toBe(45);
    expect(logger.status.dropped).toEqual({ queue_full: 4955 });
    expect(logger.status.sinks[0]!.state).toBe('dropping');
  });

  it('gives a callback each event once, also when it throws, rejects or hangs, and counts those', async () => {
    const seen: unknown[] = [];
    const logger = loggerOf({
      logCallback: (event) => {
        const index = event.metadata!['index'];
        seen.push(index);
        if (index === 1) throw new Error('no');
        if (index === 2) return Promise.reject(new Error('no'));
        if (index === 3) return new Promise(() => undefined);
        return undefined;
      },
    });
    for (let index = 0; index < 6; index++) logger.log(entry(index));
    await until(() => seen.length === 6);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(logger.status.dropped).toEqual({ sink_error: 2, timeout: 1 });
    expect(logger.status.sinks).toMatchObject([{ name: 'callback', written: 3 }]);
  });

  it('writes to the console only if nothing else was asked for', () => {
    const names = (options: AuditOptions): string[] => loggerOf(options).status.sinks.map(({ name }) => name);
    expect(names({})).toEqual(['console']);
    expect(names({ sinks: [new PlainSink()] })).toEqual(['PlainSink']);
    expect(names({ logCallback: () => undefined })).toEqual(['callback']);
    expect(names({ logToConsole: true, sinks: [new PlainSink(), new PlainSink()] })).toEqual([
      'console',
      'PlainSink',
      'PlainSink-2',
    ]);
    expect(names({ logToConsole: false })).toEqual([]);
  });

  it('takes what a transform makes of an event, and makes that safe as well', () => {
    const sink = new RecordingAuditSink();
    const logger = loggerOf({
      sinks: [sink],
      pseudonymKey: 'k'.repeat(16),
      transform: (event) => ({ ...event, action: 'renamed', subject: 'added', metadata: { password: 'x' } }),
    });
    logger.log(entry(1, { userId: 'ann' }));
    expect(sink.events[0]).toMatchObject({
      action: 'renamed',
      subject: expect.stringMatching(/^hmac:/),
      metadata: { password: '[redacted]' },
    });
    const plain = new RecordingAuditSink();
    loggerOf({ sinks: [plain], pseudonymKey: 'k'.repeat(16) }).log(entry(1, { userId: 'ann' }));
    expect(sink.events[0]!.userId).toBe(plain.events[0]!.userId);
  });

  it('leaves out what a transform answers null for, but never 401, 403, 429 and 5xx', () => {
    const sink = new RecordingAuditSink();
    const logger = loggerOf({ sinks: [sink], transform: () => null });
    for (const statusCode of [200, 404, 401, 403, 429, 500, 503]) logger.log(entry(statusCode, { statusCode }));
    logger.logAuthFailure('missing');
    logger.logAccessDenied('no');
    expect(sink.events.map(({ statusCode, eventType }) => statusCode ?? eventType)).toEqual([
      401,
      403,
      429,
      500,
      503,
      'auth_failure',
      'access_denied',
    ]);
  });

  it('writes the event, redacted, when a transform throws or answers nonsense, and counts the mistake', () => {
    const sink = new RecordingAuditSink();
    const wrong: unknown[] = [undefined, 'text', 7];
    const logger = loggerOf({
      sinks: [sink],
      transform: (event) => {
        if (wrong.length > 0) return wrong.pop() as AuditEvent;
        (event.metadata as Record<string, unknown>)['added'] = true;
        return event;
      },
    });
    for (let index = 0; index < 4; index++) logger.log({ eventType: 'x', metadata: { password: 'p', index } });
    expect(sink.events.map(({ metadata }) => metadata)).toEqual(
      [0, 1, 2, 3].map((index) => ({ password: '[redacted]', index })),
    );
    expect(logger.status.errors).toEqual({ transform: 4 });
  });

  it('never throws, whatever it is given', () => {
    const logger = loggerOf({ sinks: [new RecordingAuditSink()] });
    const hostile: unknown[] = [
      undefined,
      null,
      1,
      'x',
      [],
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('trap');
          },
          ownKeys: () => {
            throw new Error('trap');
          },
        },
      ),
      Object.create(null),
    ];
    for (const each of hostile) expect(() => logger.log(each as never)).not.toThrow();
    expect(() => logger.logAuthFailure(undefined as never, hostile[5] as never)).not.toThrow();
  });

  it('refuses to append where no sink can confirm, and says which can', async () => {
    await expect(loggerOf({ sinks: [new PlainSink()] }).append(entry())).rejects.toThrow(/FileAuditSink/);
  });

  it('tells how much was written and lost, once for a turn of the event loop', async () => {
    const told: AuthEvent[] = [];
    const logger = loggerOf({ sinks: [new PlainSink(), new PlainSink()], queue: { maxEvents: 10 } }, (event) =>
      told.push(event),
    );
    for (let index = 0; index < 12; index++) logger.log(entry(index));
    await logger.flush();
    const count = (type: string): number =>
      told.reduce((sum, event) => sum + (event.type === type && 'count' in event ? event.count : 0), 0);
    expect(count('audit.written')).toBe(9);
    expect(count('audit.dropped')).toBe(6);
    expect(told.length).toBeLessThanOrEqual(3);
  });

  it('flushes and closes its sinks at the end, waits for none that hangs, and counts what comes too late', async () => {
    const closed: string[] = [];
    const sink = new PlainSink();
    const logger = new AuditLogger(
      {
        sinks: [
          Object.assign(sink, { close: async () => void closed.push('sink') }),
          { write: () => undefined, close: () => Promise.reject(new Error('x')) },
        ],
      },
      undefined,
      undefined,
      QUICK,
    );
    logger.log(entry(1));
    await logger.close();
    await logger.close();
    expect(closed).toEqual(['sink']);
    expect(sink.events).toHaveLength(1);
    logger.log(entry(2));
    expect(logger.status.dropped).toEqual({ closed: 2 });
  });

  it('keeps the errors of sinks short and free of secrets, because a status is shown', async () => {
    const logger = loggerOf({
      sinks: [
        {
          write: () => {
            throw new Error(`postgres://ann:hunter2@db \u001b[31m${'x'.repeat(999)}`);
          },
        },
      ],
    });
    logger.log(entry());
    await logger.flush();
    const { error } = logger.status.sinks[0]!;
    expect(error).not.toContain('hunter2');
    expect(error).not.toContain('\u001b');
    expect(error!.length).toBeLessThan(300);
    expect(logger.status.state).toBe('failing');
  });

  it.each<[object, RegExp]>([
    [{ sinks: [{}] }, /audit\.sinks\[0\].*lacks write/],
    [{ excludePaths: ['health'] }, /audit\.excludePaths\[0\]/],
    [{ excludePaths: ['/a/*/b'] }, /audit\.excludePaths\[0\]/],
    [{ ipAddress: 'hmac' }, /audit\.pseudonymKey/],
    [{ pseudonymKey: 'short' }, /audit\.pseudonymKey must be at least 16 bytes/],
    [{ redact: ['eventType'] }, /audit\.redact\[0\]/],
    [{ queue: { maxEvents: '10' } }, /audit\.queue\.maxEvents.*Number\(\)/],
    [{ queue: { whenFull: 'block' } }, /audit\.queue\.whenFull/],
    [{ excludePath: [] }, /audit\.excludePath is not an option.*excludePaths/],
  ])('refuses %j with the path of the mistake', (options, message) => {
    expect(() => new AuditLogger(options as AuditOptions)).toThrow(OptionsError);
    expect(() => new AuditLogger(options as AuditOptions)).toThrow(message);
  });
});
