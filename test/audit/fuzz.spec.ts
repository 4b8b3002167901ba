// Real: how an event becomes safe, and one line of JSON. Faked: nothing. A seed says which events these are.
// `npm run fuzz:audit` makes a million of them.
import { describe, expect, it } from '@jest/globals';
import type { AuditEntry, AuditEvent } from '../../src/audit/audit-event.js';
import { EventWriter } from '../../src/audit/event-writer.js';
import { forbiddenIn } from './forbidden.js';

const EVENTS = Number(process.env['AUDIT_FUZZ_EVENTS'] ?? 10_000);
const CLOCK = { stamp: () => '2026-01-01T00:00:00.000Z' };
const SECRET = 'hunter2-hunter2';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl';

/** The numbers of a linear congruential generator: Knuth, TAOCP 2, 3.3.4, table 1, line 16. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  '\u0000', '\u001b[31m', '\u007f', '\u0085', '\u009b', '\u00ad', '\u061c', '\u200b', '\u2028', '\u2029', '\u202e', '\u2066',
  '\ufeff', '\ufff9', '\ud800', '\udc00', '🔐', '\udb40\udc41', '"', '\\', '\n', '\r', '}', '{"', ',', 'a', 'ü', '中', '\\u0041', "'", '`', '$',
]; // prettier-ignore

class Hostile {
  private readonly random: (below: number) => number;

  constructor(seed: number) {
    this.random = numbers(seed);
  }

  text(): string {
    let text = '';
    for (let pieces = this.random(12); pieces > 0; pieces--) text += PIECES[this.random(PIECES.length)];
    return text;
  }

  entry(): AuditEntry & { readonly metadata: { readonly plain: string } } {
    const entry: Record<string, unknown> = { eventType: `e${this.text()}`, userAgent: this.text(), path: this.text() };
    if (this.random(4) === 0) entry['userId'] = this.value(0);
    if (this.random(4) === 0) entry['statusCode'] = this.value(0);
    if (this.random(8) === 0) entry[this.text()] = this.value(0);
    entry['metadata'] = {
      plain: this.text(),
      [this.text() || 'k']: this.value(0),
      password: SECRET,
      note: `Bearer ${JWT}`,
    };
    return entry as never;
  }

  /** Mostly small, so that there can be many. */
  private size(most: number): number {
    return this.random(16) === 0 ? this.random(most) : this.random(4);
  }

  private value(depth: number): unknown {
    const { random } = this;
    const deeper = (): unknown => (depth > 9 ? this.text() : this.value(depth + 1));
    switch (random(22)) {
      case 0:
        return 10n ** BigInt(random(500));
      case 1:
        return new Map<unknown, unknown>([[this.text(), deeper()], [{}, 1], ['api_key', SECRET]]); // prettier-ignore
      case 2:
        return new Set([deeper(), this.text()]);
      case 3:
        return Object.assign(new TypeError(this.text(), { cause: deeper() }), { code: this.text() });
      case 4: {
        const loop: Record<string, unknown> = { a: deeper() };
        loop['loop'] = { loop };
        return loop;
      }
      case 5:
        return Object.defineProperty({ a: 1 }, 'trap', { enumerable: true, get: raise });
      case 6:
        return new Proxy({}, { get: raise, ownKeys: raise, getPrototypeOf: raise, has: raise });
      case 7:
        return { toJSON: random(2) === 0 ? raise : () => deeper() };
      case 8: {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      }
      case 9:
        return [Number.NaN, Infinity, -0, 1e308, Number.MIN_VALUE][random(5)];
      case 10:
        return this.text().repeat(this.size(600));
      case 11:
        return Array.from({ length: this.size(200) }, () => this.text());
      case 12:
        return Object.fromEntries(
          Array.from({ length: this.size(100) }, (_, index) => [`${this.text()}${index}`, index]),
        );
      case 13:
        return [undefined, null, true, Symbol(this.text()), () => 1, raise][random(6)];
      case 14:
        return new Date(random(2) === 0 ? Number.NaN : random(1e9));
      case 15:
        return new Uint8Array(random(50));
      case 16:
        return Object.assign(Object.create(null), { [this.text()]: deeper(), ['__proto__']: deeper() });
      case 17:
        return { refreshToken: SECRET, nested: [{ authorization: `Basic ${SECRET}` }], url: `https://a:${SECRET}@h/` };
      case 18:
        return `token=${SECRET}&a=${this.text()} ${JWT}`;
      case 19:
        return [deeper(), deeper()];
      case 20:
        return { [this.text()]: deeper(), a: deeper() };
      default:
        return this.text();
    }
  }
}

function raise(): never {
  throw new Error('trap');
}

describe('fuzzed events', () => {
  it(`never throw, are one line that parses back, and hide nothing and no secret: ${EVENTS} of them`, () => {
    const hostile = new Hostile(20_261_125);
    const writer = new EventWriter();
    const wrong: string[] = [];
    for (let index = 0; index < EVENTS && wrong.length < 3; index++) {
      const entry = hostile.entry();
      const json = writer.write(entry, CLOCK).json;
      const back = JSON.parse(json) as AuditEvent;
      const isSame =
        back.userAgent === entry.userAgent &&
        back.path === entry.path &&
        back.eventType === entry.eventType &&
        back.metadata!['plain'] === entry.metadata.plain;
      const leaks = json.includes(SECRET) || json.includes('eyJhbGci');
      if (!isSame || leaks || json.length > 120_000 || forbiddenIn(json) !== undefined) wrong.push(`${index}: ${json}`);
    }
    expect(wrong).toEqual([]);
  }, 3_600_000);
});
