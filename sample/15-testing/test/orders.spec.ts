// Real: the application, tokens of a real issuer on this machine, the limiter, the audit trail. Replaced: the clock, and a guard
// where a test says so. With Vitest, import from 'vitest' instead; the rest stays.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HumanOnlyGuard, RateLimitGuard } from 'nestjs-auth-services';
import { startTestApp, type TestApp } from './test-app.js';

let test: TestApp;
beforeEach(async () => {
  test = await startTestApp();
});
afterEach(() => test.stop());

describe('who may call', () => {
  it('a person may refund; a machine may not, and is told so by a code', async () => {
    await test.call('post', '/orders/7/refund', await test.issuer.human()).expect(201);
    const { body } = await test.call('post', '/orders/7/refund', await test.issuer.m2m()).expect(403);
    expect(body).toMatchObject({ code: 'human_only' });
  });

  it('a machine may sync with the right scope only', async () => {
    const right = await test.issuer.m2m('rfc9068', { scope: 'orders:write' });
    await test.call('post', '/orders/sync', right).expect(201);
    await test.call('post', '/orders/sync', await test.issuer.m2m('rfc9068', { scope: 'orders:read' })).expect(403);
    await test.call('post', '/orders/sync', await test.issuer.human()).expect(403);
  });

  it('tokens of every provider that the application may meet are told apart', async () => {
    for (const provider of ['cognito', 'auth0', 'keycloak', 'entra']) {
      await test.call('post', '/orders/7/refund', await test.issuer.human(provider)).expect(201);
      await test.call('post', '/orders/7/refund', await test.issuer.m2m(provider)).expect(403);
    }
  });

  it('a token that has expired, or was signed by a key that is gone, is a 401', async () => {
    await test.call('get', '/orders', await test.issuer.human('rfc9068', { exp: 1 })).expect(401);
    await test.call('get', '/orders').expect(401);
  });
});

describe('limits', () => {
  it('are per caller, and a minute later the caller is free again', async () => {
    const [alice, bob] = [await test.issuer.human('rfc9068', { sub: 'alice' }), await test.issuer.human()];
    for (let i = 0; i < 3; i++) await test.call('get', '/orders', alice).expect(200);
    await test.call('get', '/orders', alice).expect(429).expect('Retry-After', '60');
    await test.call('get', '/orders', bob).expect(200);

    test.clock.advance(60_001);
    await test.call('get', '/orders', alice).expect(200).expect('X-RateLimit-Remaining', '2');
  });

  it('are out of the way in tests that are about something else', async () => {
    await test.stop();
    test = await startTestApp((builder) =>
      builder.overrideProvider(RateLimitGuard).useValue({ canActivate: () => true }),
    );
    const token = await test.issuer.human();
    for (let i = 0; i < 10; i++) await test.call('get', '/orders', token).expect(200);
  });

  it('and so is the question who is calling', async () => {
    await test.stop();
    test = await startTestApp((builder) =>
      builder.overrideProvider(HumanOnlyGuard).useValue({ canActivate: () => true }),
    );
    await test.call('post', '/orders/7/refund', await test.issuer.m2m()).expect(201);
  });
});

describe('the audit trail', () => {
  it('tells who refunded what', async () => {
    await test.call('post', '/orders/7/refund', await test.issuer.human('rfc9068', { sub: 'alice' })).expect(201);
    const event = await test.audit.waitFor('request_success', { action: 'orders.refund' });
    expect(event).toMatchObject({ userId: 'alice', isM2M: false, statusCode: 201, metadata: { order: '7' } });
  });

  it('tells why somebody was refused, which the answer never does', async () => {
    const { text } = await test.call('get', '/orders', await test.issuer.human('rfc9068', { exp: 1 })).expect(401);
    await test.audit.waitFor('auth_failure', { reason: 'expired_token' });
    expect(text).not.toContain('expired');
    test.audit.assertNotLogged('request_success');
  });
});
