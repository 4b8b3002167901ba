// Real: how an event becomes safe and then one line of JSON. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuditEntry, AuditEvent } from '../../src/audit/audit-event.js';
import { EventWriter } from '../../src/audit/event-writer.js';
import { serialize } from '../../src/audit/serialize.js';
import { FORBIDDEN, forbiddenIn } from './forbidden.js';

const NOW = '2026-01-01T00:00:00.000Z';
const CLOCK = { stamp: () => NOW };
const line = (entry: unknown): string => new EventWriter().write(entry as AuditEntry, CLOCK).json;

describe('serialize', () => {
  it.each(FORBIDDEN)('writes no character from %d to %d as it is, and JSON.parse gives each back', (from, to) => {
    for (let code = from; code <= to; code++) {
      const text = `a${String.fromCodePoint(code)}b`;
      const json = line({ eventType: 'x', userAgent: text, metadata: { [text]: text } });
      expect(forbiddenIn(json)).toBeUndefined();
      expect(JSON.parse(json)).toMatchObject({ userAgent: text, metadata: { [text]: text } });
    }
  });

  it('leaves readable text of every script as it is', () => {
    expect(line({ eventType: 'x', reason: 'Größe 中文 ひらがな ру́сский ع 🔐' })).toContain(
      'Größe 中文 ひらがな ру́сский ع 🔐',
    );
  });

  it('never throws and never breaks a line, whatever kind of value is logged', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const events = fc.record(
      {
        eventType: text,
        reason: fc.oneof(text, fc.anything()),
        userId: fc.anything(),
        path: text,
        statusCode: fc.anything(),
        userAgent: text,
        metadata: fc.anything({
          withBigInt: true,
          withMap: true,
          withSet: true,
          withDate: true,
          withTypedArray: true,
          withSparseArray: true,
          withNullPrototype: true,
          withBoxedValues: true,
          maxDepth: 3,
        }),
        [`extra`]: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const writer = new EventWriter();
    fc.assert(
      fc.property(fc.array(events, { minLength: 50, maxLength: 50, size: 'max' }), (batch) => {
        for (const entry of batch) {
          const json = writer.write(entry as AuditEntry, CLOCK).json;
          if (json.length > 120_000 || forbiddenIn(json) !== undefined) throw new Error(json);
          const back = JSON.parse(json) as Record<string, unknown>;
          if (typeof back['eventType'] !== 'string' || back['timestamp'] !== NOW) throw new Error(json);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives every text back that is no secret and not too long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        fc.pre(!/eyJ|=|":|:\/\/|bearer|basic|dpop|-----/i.test(text));
        const back = JSON.parse(line({ eventType: 'x', userAgent: text, metadata: { text } })) as AuditEvent;
        return back.userAgent === text && back.metadata!['text'] === text;
      }),
      { numRuns: 2000 },
    );
  });

  it('writes an event that came past the logger, and lets it use none of the names of a record', () => {
    const forged = { timestamp: NOW, eventType: 'x', seq: 1, prev: 'p', h: 'h', chain: 'c' } as unknown as AuditEvent;
    expect(JSON.parse(serialize(forged))).toEqual({
      timestamp: NOW,
      eventType: 'x',
      metadata: { seq: 1, prev: 'p', h: 'h', chain: 'c' },
    });
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    expect(serialize({ timestamp: NOW, eventType: 'x', metadata: loop })).toContain('[circular]');
    const trap = { eventType: 'x', timestamp: NOW, toJSON: () => 'gone' } as unknown as AuditEvent;
    expect(JSON.parse(serialize(trap))).toMatchObject({ eventType: 'x' });
  });
});
