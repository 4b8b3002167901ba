// Real: the queue, beside a plain model of its rules. Faked: events.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { AuditQueue, type QueuedEvent, type QueueLimits } from '../../src/audit/audit-queue.js';
import type { SafeEvent } from '../../src/audit/safe-event.js';

const item = (id: number, isSecurity: boolean, size: number): QueuedEvent => ({
  event: { size, isSecurity, value: { requestId: String(id) } } as SafeEvent,
  acknowledgement: undefined,
});
const idOf = ({ event }: QueuedEvent): number => Number(event.value.requestId);

function fill(queue: AuditQueue, items: readonly QueuedEvent[]): number[] {
  const dropped: number[] = [];
  for (const each of items) queue.push(each, (lost) => dropped.push(idOf(lost)));
  return dropped;
}

const limits = (more: Partial<QueueLimits> = {}): QueueLimits => ({
  maxEvents: 10,
  maxBytes: 1e9,
  whenFull: 'drop-newest',
  ...more,
});
const ids = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('AuditQueue', () => {
  it('gives events back in the order they came, of both kinds', () => {
    const queue = new AuditQueue(limits());
    fill(queue, [item(1, false, 1), item(2, true, 1), item(3, false, 1), item(4, true, 1)]);
    expect(queue.take(3, 1e9).map(idOf)).toEqual([1, 2, 3]);
    expect(queue.take(9, 1e9).map(idOf)).toEqual([4]);
    expect(queue.length).toBe(0);
  });

  it('keeps a tenth for auth failures, so that a flood of successes cannot push them out', () => {
    const queue = new AuditQueue(limits());
    expect(
      fill(
        queue,
        ids(1, 12).map((id) => item(id, false, 1)),
      ),
    ).toEqual([10, 11, 12]);
    expect(fill(queue, [item(13, true, 1)])).toEqual([]);
    expect(fill(queue, [item(14, true, 1)])).toEqual([14]);
  });

  it('drops the oldest where it is told to, and an auth failure only for another one', () => {
    const queue = new AuditQueue(limits({ whenFull: 'drop-oldest' }));
    fill(queue, [item(1, true, 1), ...ids(2, 10).map((id) => item(id, false, 1))]);
    expect(fill(queue, [item(11, false, 1), item(12, false, 1)])).toEqual([2, 3]);
    expect(fill(queue, [item(13, true, 1)])).toEqual([4]);
    expect(fill(queue, [item(14, true, 1)])).toEqual([1]);
  });

  it('gives a batch at least one event, however large, or nothing would ever leave', () => {
    const queue = new AuditQueue(limits());
    fill(queue, [item(1, false, 500), item(2, false, 10), item(3, false, 10)]);
    expect(queue.take(10, 100).map(idOf)).toEqual([1]);
    expect(queue.take(10, 15).map(idOf)).toEqual([2]);
  });

  it.each(['drop-oldest', 'drop-newest'] as const)(
    'with %s never holds more than its bounds, loses nothing uncounted, and keeps the order',
    (whenFull) => {
      const push = fc.record({ isSecurity: fc.boolean(), size: fc.integer({ min: 1, max: 40 }) });
      const take = fc.record({ take: fc.integer({ min: 1, max: 8 }) });
      fc.assert(
        fc.property(
          fc.array(fc.oneof({ weight: 4, arbitrary: push }, { weight: 1, arbitrary: take }), { maxLength: 300 }),
          (steps) => {
            const queue = new AuditQueue({ maxEvents: 20, maxBytes: 300, whenFull });
            const out: number[] = [];
            const lost: number[] = [];
            let pushed = 0;
            for (const step of steps) {
              if ('take' in step) out.push(...queue.take(step.take, 1e9).map(idOf));
              else queue.push(item(pushed++, step.isSecurity, step.size), (each) => lost.push(idOf(each)));
              if (queue.length > 20 || queue.bytes > 300 || queue.bytes < 0) throw new Error('over its bounds');
            }
            out.push(...queue.take(1e9, 1e9).map(idOf));
            expect([...out, ...lost].toSorted((a, b) => a - b)).toEqual(ids(0, pushed - 1));
            expect(out).toEqual(out.toSorted((a, b) => a - b));
            expect(queue.bytes).toBe(0);
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  it.each(['drop-newest', 'drop-oldest'] as const)(
    'with a chain behind it and %s, takes each event in, spills it, or loses and counts it, and spills only from the front',
    (whenFull) => {
      const kinds = fc.constantFrom('own', 'waiting', 'stored', 'lost');
      const step = fc.oneof(
        fc.record({ kind: kinds, isSecurity: fc.boolean(), size: fc.integer({ min: 1, max: 60 }) }),
        fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const queue = new AuditQueue({ maxEvents: 20, maxBytes: 300, whenFull });
          const gone: number[] = [];
          const spilled: number[] = [];
          let pushed = 0;
          for (const each of steps) {
            if ('take' in each) {
              const taken = queue.take(each.take, 1e9).map(idOf);
              gone.push(...taken);
              continue;
            }
            const seq = pushed++;
            const position = each.kind === 'stored' ? { chain: 'a', seq } : undefined;
            const filing = each.kind === 'own' ? undefined : { isSettled: each.kind !== 'waiting', position };
            queue.push(
              { ...item(seq, each.isSecurity, each.size), filing },
              (lost) => gone.push(idOf(lost)),
              (place) => spilled.push(place.seq),
            );
            if (queue.length > 20 || queue.bytes > 300) throw new Error('over its bounds');
          }
          gone.push(...queue.take(1e9, 1e9).map(idOf));
          expect([...gone, ...spilled].toSorted((a, b) => a - b)).toEqual(ids(0, pushed - 1));
          expect(spilled).toEqual(spilled.toSorted((a, b) => a - b));
        }),
        { numRuns: 300 },
      );
    },
  );

  it('keeps the own events of the log while all others are spilled, but no more than 64', () => {
    const queue = new AuditQueue(limits({ maxEvents: 200 }));
    const lost: number[] = [];
    let spilled = 0;
    for (let id = 0; id < 1000; id++) {
      const filing = id % 10 === 0 ? undefined : { isSettled: true, position: { chain: 'a', seq: id } };
      queue.push(
        { ...item(id, false, 1), filing },
        (each) => lost.push(idOf(each)),
        () => spilled++,
      );
    }
    expect(lost).toEqual(Array.from({ length: 36 }, (_, index) => 640 + index * 10));
    expect(queue.length).toBe(1000 - 36 - spilled);
    expect(queue.take(64, Infinity).map(idOf)).toEqual(Array.from({ length: 64 }, (_, index) => index * 10));
  });
});
