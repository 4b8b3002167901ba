// Real: the logger, its workers and their waits, shortened. Faked: sinks that are down or picky.
import { describe, expect, it } from '@jest/globals';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import type { AuditOptions } from '../../src/audit/audit.options.js';
import { until } from '../support/app.js';
import { entry } from './support.js';

const QUICK = { deadlineMs: 40, backoffMs: 1, maxBackoffMs: 4 };
const loggerOf = (options: AuditOptions) => new AuditLogger(options, undefined, undefined, QUICK);
const indexOf = ({ metadata }: AuditEvent) => metadata!['index'] as number;

describe('an event that a sink refuses', () => {
  it('is not given up because the sink is down, however long: nothing else gets through either', async () => {
    const taken: number[] = [];
    let calls = 0;
    let isDown = true;
    const write = (events: readonly AuditEvent[]): void => {
      calls++;
      if (isDown) throw new Error('down');
      taken.push(...events.map(indexOf));
    };
    const logger = loggerOf({ sinks: [{ write }] });
    for (let index = 0; index < 20; index++) logger.log(entry(index));
    await until(() => calls > 150, 'the sink was asked in vain for long enough');
    expect(logger.status).toMatchObject({ state: 'failing', queued: 20, dropped: {} });
    isDown = false;
    await until(() => taken.length === 20, 'everything has arrived');
    expect(new Set(taken).size).toBe(20);
    expect(logger.status).toMatchObject({ state: 'ok', dropped: {} });
    await logger.close();
  });

  it('is given up if the sink takes others, and handed to onDeadLetter with the sink and the reason', async () => {
    const taken: number[] = [];
    const dead: unknown[] = [];
    const write = (events: readonly AuditEvent[]): void => {
      if (events.some((event) => [3, 4].includes(indexOf(event)))) throw new Error('not this one');
      taken.push(...events.map(indexOf));
    };
    const logger = loggerOf({
      sinks: [{ name: 'picky', write }],
      onDeadLetter: (event, failure) => {
        dead.push([indexOf(event), failure]);
        throw new Error('a mistake of its own');
      },
    });
    for (let index = 0; index < 10; index++) logger.log(entry(index));
    await until(() => dead.length === 2, 'both were given up');
    expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 5, 6, 7, 8, 9]);
    expect(dead).toEqual([3, 4].map((index) => [index, { sink: 'picky', error: 'not this one' }]));
    expect(logger.status).toMatchObject({ dropped: { sink_error: 2 }, errors: { onDeadLetter: 2 } });
    await logger.close();
  });
});
