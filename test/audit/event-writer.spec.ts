// Real: the making of events, pseudonyms and addresses. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuditEntry } from '../../src/audit/audit-event.js';
import type { AuditOptions } from '../../src/audit/audit.options.js';
import { truncateAddress } from '../../src/audit/pseudonym.js';
import { EventWriter } from '../../src/audit/event-writer.js';

const NOW = '2026-01-01T00:00:00.000Z';
const CLOCK = { stamp: () => NOW };
const of = (entry: object, options: AuditOptions = {}): Record<string, any> => ({
  ...new EventWriter(options).write(entry as AuditEntry, CLOCK).value,
});

describe('EventWriter', () => {
  it('keeps an event of known fields as it is, and leaves out what is not known', () => {
    const entry = {
      eventType: 'access_denied',
      outcome: 'denied',
      reason: 'no',
      userId: 'u',
      clientId: null,
      subject: 's',
      isM2M: false,
      method: 'GET',
      path: '/a',
      route: '/:x',
      statusCode: 403,
      ipAddress: '10.0.0.1',
      userAgent: 'curl',
      durationMs: 1.5,
      requestId: 'r',
      action: 'a.b',
      metadata: { a: 1 },
    };
    expect(of(entry)).toEqual({ timestamp: NOW, ...entry });
    expect(Object.keys(of({ eventType: 'x', userId: undefined, metadata: undefined }))).toEqual([
      'timestamp',
      'eventType',
    ]);
  });

  it('writes what it has seen before as it did the first time, because a text that comes again is only copied', () => {
    const texts = fc.oneof(
      fc.constantFrom('GET', '/a/:id', 'Bearer abcdefgh', 'a=b', '\u2028', 'x'.repeat(256), 'x'.repeat(257)),
      fc.string({ unit: 'binary', maxLength: 300 }),
    );
    const fields = ['eventType', 'outcome', 'reason', 'clientId', 'method', 'route', 'userAgent', 'action'] as const;
    const entries = fc.record(Object.fromEntries(fields.map((field) => [field, texts])));
    const [plain, redacting] = [{}, { redact: ['userAgent', 'eventType'] }].map((options) => ({
      options,
      writer: new EventWriter(options),
    }));
    fc.assert(
      fc.property(fc.array(entries, { minLength: 1, maxLength: 20 }), (batch) => {
        for (const entry of [...batch, ...batch] as unknown as AuditEntry[]) {
          for (const { options, writer } of [plain!, redacting!])
            expect(writer.write(entry, CLOCK).json).toBe(new EventWriter(options).write(entry, CLOCK).json);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('forgets texts that came once when ever new ones come, because whoever sends those must cost no memory', () => {
    const writer = new EventWriter();
    const userAgents = Array.from({ length: 10_000 }, (_, index) => `agent ${index}`);
    for (const userAgent of [...userAgents, ...userAgents.slice(-300)]) {
      expect(writer.write({ eventType: 'x', userAgent }, CLOCK).value.userAgent).toBe(userAgent);
    }
  });

  it('keeps a time of the application, in our form, and no text that is no time', () => {
    expect(of({ eventType: 'x', timestamp: '2025-05-05T10:00:00+02:00' })['timestamp']).toBe(
      '2025-05-05T08:00:00.000Z',
    );
    expect(of({ eventType: 'x', timestamp: 'yesterday' })['timestamp']).toBe(NOW);
  });

  it('puts fields it does not know into metadata, where they can pass for nothing else', () => {
    expect(of({ eventType: 'x', tenant: 't', h: 'forged', password: 'p', metadata: { tenant: 'own' } })).toEqual({
      timestamp: NOW,
      eventType: 'x',
      metadata: { tenant: 'own', h: 'forged', password: '[redacted]' },
    });
  });

  it('gives every field its type: numbers are ids too, objects are not text, and a status is a number', () => {
    expect(
      of({ eventType: 'x', userId: 42, reason: { a: 1 }, statusCode: '200', isM2M: 'yes', durationMs: Number.NaN }),
    ).toEqual({
      timestamp: NOW,
      eventType: 'x',
      userId: '42',
      reason: '[object]'.slice(1, -1),
    });
  });

  it('freezes the event to its depth, because several sinks share it', () => {
    const event = new EventWriter().write({ eventType: 'x', metadata: { a: { b: [1] } } }, CLOCK).value;
    expect(Object.isFrozen(event)).toBe(true);
    expect(() => (event.metadata as any).a.b.push(2)).toThrow(TypeError);
  });

  it('writes each event as if it were the first, whatever came before it', () => {
    const agents = fc.constantFrom(
      'curl/8',
      'u'.repeat(256),
      'u'.repeat(300),
      'Bearer abc',
      'ü',
      'a "quoted" one',
      undefined,
    );
    const events = fc.record({
      userAgent: agents,
      route: fc.constantFrom('/orders/:id', '/a?token=b', 'r'.repeat(2048)),
      // So much that there is no room for all of what follows.
      path: fc.constantFrom('/a', 'p'.repeat(2048)),
      metadata: fc.constantFrom(
        {},
        { a: 1 },
        Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`k${index}`, 'm'.repeat(2048)])),
      ),
    });
    fc.assert(
      fc.property(fc.array(events, { maxLength: 12 }), (entries) => {
        const writer = new EventWriter();
        for (const entry of entries) {
          const event = { eventType: 'x', ...entry } as AuditEntry;
          const alone = new EventWriter().write(event, CLOCK).json;
          if (writer.write(event, CLOCK).json !== alone) throw new Error(alone);
        }
      }),
    );
  });

  it('caps the user agent at 256 characters, because it is whatever a caller sends', () => {
    expect(of({ eventType: 'x', userAgent: 'u'.repeat(300) })['userAgent']).toBe(`${'u'.repeat(256)}…[+44 characters]`);
  });

  it('writes what can be read of an event whose getters throw', () => {
    const hostile = {
      eventType: 'x',
      get userId(): never {
        throw new Error('trap');
      },
      path: '/a',
    };
    expect(of(hostile)).toMatchObject({ eventType: 'x', userId: '[unreadable]', path: '/a' });
  });

  it('redacts fields of the event that the application names', () => {
    expect(
      of(
        { eventType: 'x', userAgent: 'ua', ipAddress: '10.0.0.1', metadata: { a: 1 } },
        { redact: ['user-agent', 'ipAddress', 'metadata'] },
      ),
    ).toMatchObject({ userAgent: '[redacted]', ipAddress: '[redacted]', metadata: { value: '[redacted]' } });
  });

  it('replaces people by pseudonyms: the same person the same one, another key another one, nobody in plain text', () => {
    const person = { eventType: 'x', userId: 'ann', subject: 'ann', clientId: 'app', ipAddress: '10.0.0.1' };
    const a = of(person, { pseudonymKey: 'k'.repeat(16) });
    expect(a['userId']).toMatch(/^hmac:[\w-]{22}$/);
    expect(a['subject']).toBe(a['userId']);
    expect(a['clientId']).toBe('app');
    expect(a['ipAddress']).toMatch(/^hmac:/);
    expect(of(person, { pseudonymKey: 'k'.repeat(16) })['userId']).toBe(a['userId']);
    expect(of(person, { pseudonymKey: 'l'.repeat(16) })['userId']).not.toBe(a['userId']);
    expect(of({ ...person, ipAddress: 'ann' }, { pseudonymKey: 'k'.repeat(16) })['ipAddress']).not.toBe(a['userId']);
  });

  it('lets an explicit ipAddress go before what pseudonymKey implies', () => {
    const person = { eventType: 'x', userId: 'ann', ipAddress: '10.1.2.3' };
    expect(of(person, { pseudonymKey: 'k'.repeat(16), ipAddress: 'truncate' })['ipAddress']).toBe('10.1.2.0');
    expect(of(person, { pseudonymKey: 'k'.repeat(16), ipAddress: 'full' })['ipAddress']).toBe('10.1.2.3');
  });

  it.each([
    ['192.0.2.77', '192.0.2.0'],
    ['::ffff:192.0.2.77', '192.0.2.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['fe80::1%eth0', 'fe80:0:0::'],
    ['::1', '::'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0::'],
    ['not-an-address', '[not an address]'],
  ])('truncates %s to its network', (address, network) => {
    expect(truncateAddress(address)).toBe(network);
  });
});
