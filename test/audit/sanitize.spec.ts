// Real: the sanitizer with its redactor. Faked: nothing.
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Redactor } from '../../src/audit/redact.js';
import { Sanitizer } from '../../src/audit/sanitize.js';

function safe(value: unknown, redact: readonly string[] = []): unknown {
  const redactor = new Redactor(redact);
  const sanitizer = new Sanitizer(redactor);
  sanitizer.begin();
  return sanitizer.record(value, redactor.paths?.below.get('metadata'));
}

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('trap');
    },
    ownKeys: () => {
      throw new Error('trap');
    },
    getPrototypeOf: () => {
      throw new Error('trap');
    },
  },
);
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('Sanitizer', () => {
  it.each<[string, unknown, unknown]>([
    ['BigInt', 12345678901234567890n, '12345678901234567890'],
    ['a BigInt of a million digits', 1n << 4_000_000n, '…[bigint]'],
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', -Infinity, '-Infinity'],
    ['minus zero', -0, 0],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', () => 1, '[function]'],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
        [{}, 3],
      ]),
      { a: 1, 2: 'b', '[2]': 3 },
    ],
    ['a Map with a secret', new Map([['password', 'x']]), { password: '[redacted]' }],
    ['a Set', new Set([1, 'a']), [1, 'a']],
    ['bytes', Buffer.from('secret'), '[6 bytes]'],
    ['a RegExp', /a+/g, '/a+/g'],
    ['a URL, without its query and password', new URL('https://ann:pw@example.org/a?token=x'), 'https://example.org/a'],
    ['a promise', Promise.resolve(1), '[promise]'],
    ['a boxed string', Object('x'), 'x'],
    ['toJSON', { toJSON: () => ({ a: 1 }) }, { a: 1 }],
    [
      'toJSON that throws',
      {
        toJSON: () => {
          throw new Error('trap');
        },
      },
      '[unreadable]',
    ],
    [
      'toJSON that answers itself',
      (() => {
        const self = { a: 1, toJSON: (): unknown => self };
        return self;
      })(),
      { a: 1, toJSON: '[function]' },
    ],
    [
      'a getter that throws',
      {
        get a(): never {
          throw new Error('trap');
        },
        b: 1,
      },
      { a: '[unreadable]', b: 1 },
    ],
    ['a proxy that throws', throwing, '[unreadable]'],
    ['a revoked proxy', revoked.proxy, '[unreadable]'],
    ['a hole in an array', [1, undefined, 3], [1, null, 3]],
    ['an object of another realm', runInNewContext('({ a: new Date(0) })'), { a: '1970-01-01T00:00:00.000Z' }],
  ])('keeps what it can of %s', (_name, given, kept) => {
    expect(safe({ it: given })).toEqual({ it: kept });
  });

  it('writes an error by name, message, code and cause, without its stack, which names files and arguments', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('deep') }), { code: 'E_NO', secret: 'x' });
    expect(safe({ error })).toEqual({
      error: { name: 'TypeError', message: 'no', code: 'E_NO', cause: { name: 'Error', message: 'deep' } },
    });
  });

  it('says where a value contains itself, and keeps what is only there twice', () => {
    const shared = { a: 1 };
    const loop: Record<string, unknown> = { one: shared, two: shared };
    loop['self'] = loop;
    expect(safe(loop)).toEqual({ one: { a: 1 }, two: { a: 1 }, self: '[circular]' });
  });

  it('cuts what is too long, too deep or too many, and says what was cut', () => {
    const deep = { a: { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } } };
    const copy = safe({
      text: 'x'.repeat(3000),
      deep,
      keys: Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, i])),
      items: Array.from({ length: 70 }, (_, i) => i),
    }) as Record<string, any>;
    expect(copy['text']).toBe(`${'x'.repeat(2048)}…[+952 characters]`);
    expect(JSON.stringify(copy['deep'])).toContain('…[object]');
    expect(Object.keys(copy['keys'])).toHaveLength(65);
    expect(copy['keys']['…']).toBe('6 more keys');
    expect(copy['items']).toHaveLength(65);
    expect(copy['items'][64]).toBe('…6 more items');
  });

  it('bounds the whole, whatever the parts are, because one event must not fill the queue', () => {
    const row = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key${i}`, 'y'.repeat(500)]));
    expect(JSON.stringify(safe(Array.from({ length: 60 }, () => row))).length).toBeLessThan(24_000);
  });

  it('never cuts a character in two', () => {
    const { text } = safe({ text: `${'x'.repeat(2047)}🔐 and more` }) as { text: string };
    expect(Buffer.from(text).toString()).toBe(text);
  });

  it('takes half a token out of a text that was cut in its middle', () => {
    const { text } = safe({ text: `${'x '.repeat(1000)}eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(500)}` }) as { text: string };
    expect(text).not.toContain('eyJ');
  });

  it('redacts by key at any depth, but keeps true, false and null, which are facts and no secrets', () => {
    expect(safe({ a: [{ b: { apiKey: 'k', passwordChanged: true, token: null, pin: 1234 } }] })).toEqual({
      a: [{ b: { apiKey: '[redacted]', passwordChanged: true, token: null, pin: '[redacted]' } }],
    });
  });

  it('redacts ways of the application, through arrays', () => {
    const given = { users: [{ phone: '1', name: 'ann' }], phone: '2' };
    expect(safe(given, ['metadata.users.phone'])).toEqual({
      users: [{ phone: '[redacted]', name: 'ann' }],
      phone: '2',
    });
  });

  it('keeps a key named __proto__ as a key, and gives nobody a prototype', () => {
    const copy = safe(JSON.parse('{"__proto__":{"isAdmin":true}}')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(copy['isAdmin']).toBeUndefined();
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"isAdmin":true}}');
  });

  it('takes a token out of a key it was filed under', () => {
    expect(JSON.stringify(safe({ sessions: { eyJhbGciOiJIUzI1NiJ9eyJzdWIi: 1 } }))).not.toContain('eyJ');
  });
});
