// Under test: countAuthEvents behind a real AuthEvents; the events are made by hand.
import { describe, expect, it } from '@jest/globals';
import type { AuthEvent } from '../../src/events/auth-event.js';
import { AuthEvents } from '../../src/events/auth-events.js';
import { countAuthEvents } from '../../src/metrics/count-auth-events.js';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import type { MetricsSnapshot } from '../../src/metrics/metrics-snapshot.js';
import type { CallerKind } from '../../src/request/caller.js';
import { RequestRecord } from '../../src/request/record.js';

function after(...events: readonly AuthEvent[]): MetricsSnapshot {
  const collector = new MetricsCollector({ identities: 'plain' });
  const bus = new AuthEvents((error) => {
    throw error;
  });
  bus.subscribe(countAuthEvents(collector));
  for (const event of events) bus.publish(event);
  return collector.getMetrics();
}

function ended(statusCode: number | undefined, notes: Partial<RequestRecord> = {}): AuthEvent {
  const record = Object.assign(new RequestRecord({}, {}, 0), notes);
  return { type: 'request.ended', record, statusCode, aborted: false, durationMs: 12 };
}

function caller(kind: CallerKind, principal: unknown): Partial<RequestRecord> {
  return { caller: { transport: 'http', request: {}, kind, principal } };
}

describe('our own token guard', () => {
  it('is counted with its times, by category', () => {
    const snapshot = after(
      { type: 'token.validated', durationMs: 3 },
      { type: 'token.refused', category: 'expired_token', durationMs: 1 },
    );
    expect(snapshot).toMatchObject({
      tokensValidated: 1,
      tokensFailed: 1,
      validationTimeAvgMs: 2,
      errorsByType: { expired_token: 1 },
    });
  });

  it('has not validated anything where there was no token', () => {
    expect(after({ type: 'token.refused', category: 'missing', durationMs: 0.01 })).toMatchObject({
      totalTokens: 0,
      errorsByType: {},
    });
  });

  it('is not counted once more when the request ends', () => {
    const snapshot = after(
      { type: 'token.validated', durationMs: 3 },
      ended(200, { ...caller('human', { id: '1' }), validated: true }),
      { type: 'token.refused', category: 'key', durationMs: 1 },
      ended(401, { authFailure: 'key', validated: true }),
    );
    expect(snapshot).toMatchObject({ tokensValidated: 1, tokensFailed: 1, callers: { human: 1, anonymous: 1 } });
  });
});

describe('a guard that is not ours', () => {
  it.each([200, 403, 404, 429, 500, 401, undefined])(
    'has accepted a token where there is a principal, whatever came of the request (%s)',
    (status) => {
      expect(after(ended(status, caller('m2m', { id: '1' })))).toMatchObject({
        tokensValidated: 1,
        tokensFailed: 0,
        callers: { m2m: 1 },
      });
    },
  );

  it('counts without a time, for nobody knows how long it took', () => {
    expect(after(ended(200, caller('human', {}))).validationTimeAvgMs).toBe(0);
  });

  it('has refused a token where a 401 has no principal, for the reason it left', () => {
    const snapshot = after(ended(401, { authFailure: 'TokenExpiredError' }), ended(401), ended(401));
    expect(snapshot).toMatchObject({ tokensFailed: 3, errorsByType: { TokenExpiredError: 1, unauthorized: 2 } });
  });

  it('has refused no token where there was none', () => {
    const snapshot = after(
      ended(401, { authFailure: 'missing' }),
      ended(401, { refusal: { statusCode: 401, code: 'unauthenticated' } }),
      ended(200),
      ended(200, caller('anonymous', false)),
      ended(404),
      ended(403),
    );
    expect(snapshot).toMatchObject({ totalTokens: 0, callers: { anonymous: 6 } });
  });

  it('is seen on transports without a status by what was refused', () => {
    const refused = { authFailure: 'JsonWebTokenError', refusal: { statusCode: 401, code: 'unauthenticated' } };
    expect(after(ended(undefined, refused)).errorsByType).toEqual({ JsonWebTokenError: 1 });
  });
});

describe('the other events', () => {
  const decided = (allowed: boolean, shadow: boolean, identity: string): AuthEvent => ({
    type: 'rate_limit.decided',
    policy: 'default',
    allowed,
    identity,
    source: 'memory',
    shadow,
  });

  it('count decisions; what a policy in shadow refuses is neither allowed nor denied, nor is anybody named for it', () => {
    const snapshot = after(
      decided(true, false, 'user:1'),
      decided(false, false, 'user:2'),
      decided(false, true, 'user:3'),
      decided(true, true, 'user:4'),
    );
    expect(snapshot.rateLimit).toEqual({
      allowed: 2,
      denied: 1,
      shadowDenied: 1,
      overflowed: 0,
      topDenied: [{ identity: 'user:2', count: 1 }],
    });
  });

  it('count each call of a caller for whom there was no place', () => {
    const overflow: AuthEvent = { type: 'rate_limit.overflow' };
    expect(after(overflow, overflow).rateLimit).toMatchObject({ overflowed: 2, allowed: 0, denied: 0 });
  });

  it('count what audit wrote and dropped, and follow the store', () => {
    const snapshot = after(
      { type: 'audit.written', count: 5 },
      { type: 'audit.dropped', count: 2, reason: 'queue_full' },
      { type: 'store.state', state: 'down', reason: 'timeout' },
    );
    expect(snapshot).toMatchObject({ audit: { written: 5, dropped: 2 }, store: { state: 'down', outages: 1 } });
  });
});
