// Real: the table of API.md. Faked: records of requests.
import { BadGatewayException, ForbiddenException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { classify } from '../../src/audit/classify.js';

class OrderLocked extends Error {}
const thrown = (exception: unknown) => ({ thrown: true, exception });
const nothing = { authFailure: undefined, refusal: undefined, exception: undefined, thrown: false };

describe('classify', () => {
  it.each<[string, object, number | undefined, boolean, string, string, string | undefined]>([
    ['200', {}, 200, false, 'request_success', 'success', undefined],
    ['304', {}, 304, false, 'request_success', 'success', undefined],
    [
      'an exception that a filter made a 200 of',
      thrown(new Error('x')),
      200,
      false,
      'request_success',
      'success',
      undefined,
    ],
    [
      '401 with a category',
      { authFailure: 'expired_token', refusal: { statusCode: 401, code: 'unauthenticated' } },
      401,
      false,
      'auth_failure',
      'failure',
      'expired_token',
    ],
    [
      '401 of our refusal',
      { refusal: { statusCode: 401, code: 'unauthenticated' } },
      401,
      false,
      'auth_failure',
      'failure',
      'unauthenticated',
    ],
    ['401 of anybody', {}, 401, false, 'auth_failure', 'failure', 'unauthorized'],
    [
      '403 of our refusal',
      { refusal: { statusCode: 403, code: 'human_only' }, ...thrown(new ForbiddenException('x')) },
      403,
      false,
      'access_denied',
      'denied',
      'human_only',
    ],
    [
      '403 with a message',
      thrown(new ForbiddenException('not the owner')),
      403,
      false,
      'access_denied',
      'denied',
      'not the owner',
    ],
    [
      '403 of an error that is no HttpException',
      thrown(new Error('secret detail')),
      403,
      false,
      'access_denied',
      'denied',
      'forbidden',
    ],
    ['403 by hand', {}, 403, false, 'access_denied', 'denied', 'forbidden'],
    ['429', thrown(new Error('x')), 429, false, 'request_error', 'denied', 'rate_limited'],
    [
      '404, without the query of its address',
      thrown(new NotFoundException('Cannot GET /a?token=x')),
      404,
      false,
      'request_error',
      'error',
      'Cannot GET /a',
    ],
    [
      '400 of a body, without what it quotes of it',
      thrown(Object.assign(new SyntaxError(`Unexpected token 'h', "hunter2" is not valid JSON`), { status: 400 })),
      400,
      false,
      'request_error',
      'error',
      'malformed JSON',
    ],
    ['500 by hand', {}, 500, false, 'request_error', 'error', undefined],
    [
      '502 of an HttpException',
      thrown(new BadGatewayException('upstream')),
      502,
      false,
      'request_error',
      'error',
      'upstream',
    ],
    [
      '503 of our refusal',
      { refusal: { statusCode: 503, code: 'rate_limit_unavailable' }, ...thrown(new Error('x')) },
      503,
      false,
      'request_error',
      'error',
      'rate_limit_unavailable',
    ],
    [
      '500 of an error',
      thrown(new TypeError('x is not a function')),
      500,
      false,
      'request_exception',
      'error',
      'TypeError: x is not a function',
    ],
    [
      '500 of a class of the application',
      thrown(new OrderLocked('order 7')),
      500,
      false,
      'request_exception',
      'error',
      'OrderLocked: order 7',
    ],
    ['500 of a text', thrown('went wrong'), 500, false, 'request_exception', 'error', 'string: went wrong'],
    ['500 of a number', thrown(42), 500, false, 'request_exception', 'error', 'number: 42'],
    ['500 of undefined', thrown(undefined), 500, false, 'request_exception', 'error', 'undefined'],
    ['500 of null', thrown(null), 500, false, 'request_exception', 'error', 'null'],
    ['500 of a plain object', thrown({ code: 1 }), 500, false, 'request_exception', 'error', 'Object'],
    [
      '500 of a trap',
      thrown(
        new Proxy(
          {},
          {
            get: () => {
              throw new Error('trap');
            },
          },
        ),
      ),
      500,
      false,
      'request_exception',
      'error',
      'object',
    ],
    ['aborted', {}, 200, true, 'request_aborted', 'aborted', undefined],
    ['aborted after a bad token', { authFailure: 'malformed' }, 401, true, 'request_aborted', 'aborted', 'malformed'],
    ['a message that went well', {}, undefined, false, 'request_success', 'success', undefined],
    [
      'a message that failed',
      thrown(new RangeError('no')),
      undefined,
      false,
      'request_exception',
      'error',
      'RangeError: no',
    ],
    [
      'a message refused in its own way',
      thrown(Object.assign(new Error('bad payload'), { getError: () => 'bad payload' })),
      undefined,
      false,
      'request_error',
      'error',
      'bad payload',
    ],
  ])('%s', (_name, record, statusCode, aborted, eventType, outcome, reason) => {
    expect(classify({ ...nothing, ...record }, statusCode, aborted)).toEqual({
      eventType,
      outcome,
      ...(reason !== undefined && { reason }),
    });
  });

  it('caps what an exception says', () => {
    const { reason } = classify({ ...nothing, ...thrown(new Error('x'.repeat(10_000))) }, 500, false);
    expect(reason!.length).toBeLessThan(600);
  });
});
