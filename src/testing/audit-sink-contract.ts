import assert from 'node:assert/strict';
import type { AuditEvent } from '../audit/audit-event.js';
import type { AuditSink } from '../audit/audit-sink.js';
import type { ContractCase } from './contract-case.js';

const DEADLINE_MS = 5000;

/**
 * What `AuditLogger` relies on, as cases for any test runner. `create` is called for each case, and its sink is
 * closed afterwards.
 *
 * @example
 * ```ts
 * for (const { name, run } of auditSinkContract(() => new RecordingAuditSink())) it(name, run);
 * ```
 */
export function auditSinkContract(create: () => AuditSink | Promise<AuditSink>): readonly ContractCase[] {
  const contractCase = (name: string, promise: (sink: AuditSink) => Promise<void>): ContractCase => ({
    name,
    run: async () => {
      const sink = await create();
      try {
        await promise(sink);
      } finally {
        await inTime('close', sink.close?.());
      }
    },
  });
  return [
    contractCase('has a name that a status can show, or none', async (sink) => {
      if (sink.name !== undefined) assert.match(sink.name, /^[\x21-\x7e][\x20-\x7e]{0,63}$/);
    }),
    contractCase('takes one event, and says when, so that the next can follow', async (sink) => {
      await write(sink, [event(1)]);
      await write(sink, [event(2)]);
    }),
    contractCase('takes an event that has nothing but a time and a type', async (sink) => {
      await write(sink, [Object.freeze({ timestamp: event(1).timestamp, eventType: 'auth_success' })]);
    }),
    contractCase(
      'takes batches of any size, because a batch is what gathered while the last one was written',
      async (sink) => {
        for (const size of [1, 2, 512])
          await write(
            sink,
            Array.from({ length: size }, (_, index) => event(index)),
          );
      },
    ),
    contractCase(
      'takes what a caller may have sent: control characters, quotes, lone surrogates, deep metadata',
      async (sink) => {
        await write(
          sink,
          HOSTILE.map((text, index) => Object.freeze({ ...event(index), userAgent: text, metadata: nested(text) })),
        );
      },
    ),
    contractCase('leaves events and batches as they are, because other sinks get the same', async (sink) => {
      const events = Object.freeze([event(1), event(2)]);
      const before = JSON.stringify(events);
      await write(sink, events);
      assert.equal(JSON.stringify(events), before);
    }),
    contractCase('flushes before the first event, after some, and twice', async (sink) => {
      await inTime('flush', sink.flush?.());
      await write(sink, [event(1)]);
      await inTime('flush', sink.flush?.());
      await inTime('flush', sink.flush?.());
    }),
    contractCase('closes without ever having been written to', async () => undefined),
    contractCase('may be closed twice, because an application and its logger may both do it', async (sink) => {
      await write(sink, [event(1)]);
      await inTime('close', sink.close?.());
    }),
  ];
}

const HOSTILE = [
  '\u0000\u001b[2J\u009b31m',
  '"}\n{"eventType":"auth_success"',
  '\u202egnp.exe\u2028',
  '\ud800',
  '__proto__',
  "'; DROP TABLE audit; --",
  '%s%n',
  '🔐',
];

function event(index: number): AuditEvent {
  return Object.freeze({
    timestamp: new Date(1_760_000_000_000 + index).toISOString(),
    eventType: 'request_success',
    outcome: 'success',
    userId: `user-${index}`,
    clientId: null,
    isM2M: false,
    method: 'GET',
    path: `/orders/${index}`,
    statusCode: 200,
    durationMs: 1.25,
    metadata: Object.freeze({ index, tags: Object.freeze(['a', 'b']) }),
  });
}

function nested(text: string): Record<string, unknown> {
  const innermost: Record<string, unknown> = Object.freeze({ [text]: text });
  return Object.freeze({ list: Object.freeze([innermost, null, 0.5, true]) });
}

async function write(sink: AuditSink, events: readonly AuditEvent[]): Promise<void> {
  await inTime('write', sink.write(events) as Promise<void> | undefined);
}

/** A sink that hangs is one failed case, not a test run that hangs. */
async function inTime(method: string, answer: Promise<void> | undefined): Promise<void> {
  if (answer === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${method}() has not settled within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
