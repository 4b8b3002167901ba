// Real: how an event becomes safe and then one line of JSON. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuditEntry, AuditEvent } from '../../src/audit/audit-event.js';
import { SafeEvents } from '../../src/audit/safe-event.js';
import { serialize } from '../../src/audit/serialize.js';

const NOW = '2026-01-01T00:00:00.000Z';
const line = (entry: unknown): string => serialize(new SafeEvents().of(entry as AuditEntry, NOW));

/** Code points that no line may hold as they are. */
const FORBIDDEN = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
] as const;

function forbiddenIn(text: string): string | undefined {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (FORBIDDEN.some(([from, to]) => code >= from && code <= to)) return code.toString(16);
  }
  return undefined;
}

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
    const safe = new SafeEvents();
    fc.assert(
      fc.property(fc.array(events, { minLength: 50, maxLength: 50, size: 'max' }), (batch) => {
        for (const entry of batch) {
          const json = serialize(safe.of(entry as AuditEntry, NOW));
          if (json.length > 120_000 || forbiddenIn(json) !== undefined) throw new Error(json);
          const back = JSON.parse(json) as Record<string, unknown>;
          if (typeof back['eventType'] !== 'string' || back['timestamp'] !== NOW) throw new Error(json);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives twenty thousand events of hostile pieces back as they were', () => {
    const pieces = [
      '\u0000',
      '\u001b[31m',
      '\u009b',
      '\u2028',
      '\u202e',
      '\ud800',
      '\udc00',
      '🔐',
      '\udb40\udc41',
      '"',
      '\\',
      '\n',
      '}',
      '{"',
      ',',
      'a',
      'ü',
      '中',
      '\ufeff',
      '\\u0041',
    ];
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const text = (): string => Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join('');
    const safe = new SafeEvents();
    for (let index = 0; index < 20_000; index++) {
      const entry = {
        eventType: `e${text()}`,
        userAgent: text(),
        path: text(),
        metadata: { k: text(), [text()]: random(1e6) },
      };
      const json = serialize(safe.of(entry, NOW));
      const back = JSON.parse(json) as AuditEvent;
      if (json.includes('\n') || back.userAgent !== entry.userAgent || back.path !== entry.path) throw new Error(json);
      if (back.eventType !== entry.eventType || JSON.stringify(back.metadata) !== JSON.stringify(entry.metadata))
        throw new Error(json);
    }
    expect(seed).toBeGreaterThan(0);
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
