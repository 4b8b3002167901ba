// Real: what intent waits for, the logger and its worker. Faked: a disk that never answers, the timers, the context.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ExecutionContext, HttpException } from '@nestjs/common';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import { Durability } from '../../src/audit/durability.js';
import { RequestEvents } from '../../src/audit/request-events.js';
import { RequestRecord } from '../../src/request/record.js';

const noCaller = () => {
  throw new Error('nobody is asked');
};

function setup() {
  let answer: () => void = () => undefined;
  const disk = {
    name: 'disk',
    durable: true,
    chain: 'c',
    maxBatchEvents: 100,
    write: () => Promise.resolve(),
    append: (events: readonly unknown[]) =>
      new Promise<{ chain: string; seq: number; hash: string }[]>((resolve) => {
        answer = () => resolve(events.map((_, index) => ({ chain: 'c', seq: index + 1, hash: '' })));
      }),
    drainSync: () => undefined,
    noteGap: () => undefined,
    noteConfig: () => undefined,
    async *read() {},
  };
  const logger = new AuditLogger({ sinks: [disk] });
  const durability = new Durability(logger, new RequestEvents(() => undefined, { ofRecord: noCaller }));
  const headers: Record<string, string> = {};
  const response = { setHeader: (name: string, value: string) => void (headers[name] = value) };
  const request = { method: 'POST', url: '/wire', headers: {} };
  const context = {
    getType: () => 'http',
    getArgByIndex: (index: number) => [request, response][index],
  } as unknown as ExecutionContext;
  const record = new RequestRecord(request, response, 0);
  return { durability, context, record, headers, answer: () => answer() };
}

describe('intent', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('waits 250 ms for the record and not a millisecond longer: then it is 503, and the handler never runs', async () => {
    const { durability, context, record, headers } = setup();
    let refused: HttpException | undefined;
    const asked = durability.intent(context, record).catch((error: HttpException) => (refused = error));
    await jest.advanceTimersByTimeAsync(249);
    expect(refused).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    await asked;
    expect(refused?.getStatus()).toBe(503);
    expect(refused?.getResponse()).toMatchObject({ code: 'audit_unavailable' });
    expect(headers).toMatchObject({ 'Retry-After': '1' });
  });

  it('lets the handler run when the record is on the disk at the last moment', async () => {
    const { durability, context, record, answer } = setup();
    let hasPassed = false;
    const asked = durability.intent(context, record).then(() => (hasPassed = true));
    await jest.advanceTimersByTimeAsync(249);
    expect(hasPassed).toBe(false);
    answer();
    await asked;
    expect(hasPassed).toBe(true);
  });
});
