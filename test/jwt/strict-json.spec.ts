// parseStrictObject against JSON.parse and a slow oracle for duplicate keys.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseStrictObject } from '../../src/jwt/strict-json.js';

const parse = parseStrictObject;

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

/** Every UTF-16 unit as an escape: another spelling of the same text. */
function inEscapes(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const unit = text.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}

describe('parseStrictObject', () => {
  it('reads what JSON.stringify writes and freezes all of it, so that no handler changes what the next one sees', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (object) => {
        const plain = JSON.parse(JSON.stringify(object)) as object;
        fc.pre(!JSON.stringify(plain).includes('proto'));
        const read = parse(JSON.stringify(plain));
        expect(read).toEqual(plain);
        expect(isDeeplyFrozen(read)).toBe(true);
      }),
    );
  });

  it('finds a key that occurs twice at any place and in any spelling, because two readers may take different ones', () => {
    const key = fc.string({ maxLength: 6 }).filter((name) => name !== '__proto__' && name !== 'constructor');
    const value = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, minLength: 1, maxLength: 5 }),
        fc.nat(),
        value,
        fc.boolean(),
        fc.boolean(),
        (members, pick, again, escaped, nested) => {
          fc.pre(members.every(([, json]) => !json.includes('proto')) && !again.includes('proto'));
          const [name] = members[pick % members.length]!;
          const spelled = escaped ? `"${inEscapes(name)}"` : JSON.stringify(name);
          const text = (list: string[]) => (nested ? `{"a":[{${list.join(',')}}]}` : `{${list.join(',')}}`);
          const once = members.map(([n, json]) => `${JSON.stringify(n)} : ${json}`);
          expect(parse(text(once))).toEqual(JSON.parse(text(once)));
          expect(parse(text([...once, `${spelled}:${again}`]))).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ['a quote behind an escaped backslash', String.raw`{"a":"\\","b":"\"","c":"\\\""}`],
    ['colons and braces inside texts', '{"a":"{:}:[","b:{":1}'],
    ['equal keys in different objects', '{"a":{"x":1},"b":{"x":2},"c":[{"x":3},{"x":4}]}'],
    ['names that every object inherits', '{"constructor":1,"toString":2,"hasOwnProperty":3}'],
    ['white space everywhere', ' {\n"a" :\t[ 1 , 2 ] }\r\n'],
    ['32 levels', `{"a":${'['.repeat(31)}${']'.repeat(31)}}`],
  ])('reads %s', (_what, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['an array', '[]'],
    ['a text', '"a"'],
    ['a number', '1'],
    ['null', 'null'],
    ['nothing', ''],
    ['two values', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{/*a*/}'],
    ['NaN', '{"exp":NaN}'],
    ['a byte order mark', '\uFEFF{}'],
    ['a key __proto__', '{"__proto__":{"admin":true}}'],
    ['a key __proto__ in escapes', String.raw`{"a":[{"\u005f_proto__":1}]}`],
    ['33 levels', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`],
    ['thousands of levels', `{"a":${'['.repeat(8000)}${']'.repeat(8000)}}`],
  ])('refuses %s', (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('takes linear time for text full of backslashes and quotes', () => {
    const text = JSON.stringify({ a: '\\"'.repeat(200_000), b: '\\'.repeat(200_000) });
    const start = performance.now();
    expect(parse(text)).toBeDefined();
    // Quadratic work would take minutes.
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
