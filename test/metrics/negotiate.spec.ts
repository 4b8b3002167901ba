// Under test: which format an Accept header gets.
import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { negotiate } from '../../src/metrics/negotiate.js';

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

it.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/plain', 'text'],
  [PROMETHEUS, 'openmetrics'],
  ['text/plain;version=0.0.4;q=1,*/*;q=0.1', 'text'],
  ['application/json', 'json'],
  ['Application/JSON ; charset=utf-8', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['application/json, */*', 'json'],
  ['*/*, application/json', 'json'],
  ['text/plain, application/json', 'text'],
  ['application/json;q=0.2, */*', 'text'],
  ['application/json;q=0.2, text/*;q=0.3', 'text'],
  ['application/json;q=0', 'text'],
  ['application/json;q=nonsense', 'text'],
  ['application/json;q=2', 'text'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
  ['image/png', 'text'],
  ['__proto__, constructor', 'text'],
])('answers %p with %s', (accept, format) => {
  expect(negotiate(accept)).toBe(format);
});

it('has an answer to anything that a reader sends', () => {
  const header = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(',', ';', 'q=', '=', '1', '*/*', 'application/json')).map((parts) => parts.join('')),
  );
  fc.assert(fc.property(header, (accept) => expect(['text', 'json', 'openmetrics']).toContain(negotiate(accept))));
});
