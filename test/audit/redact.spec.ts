// Real: the redactor. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import { REDACTED, Redactor } from '../../src/audit/redact.js';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlc2lnbmF0dXJl';

describe('Redactor', () => {
  const redactor = new Redactor();

  it.each([
    'password',
    'Password',
    'newPassword',
    'passwd',
    'PASSPHRASE',
    'client_secret',
    'clientSecret',
    'x-api-key',
    'apiKey',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'Set-Cookie',
    'access_token',
    'refreshToken',
    'id.token',
    'token',
    'tokens',
    'csrf-token',
    'sessionId',
    'sid',
    'otp',
    'cvv',
    'private_key',
    'code_verifier',
    'credentials',
    'jwt',
  ])('denies the key %s in any spelling, because people name secrets as they like', (key) => {
    expect(redactor.denies(key)).toBe(true);
  });

  it.each([
    'tokenUse',
    'token_type',
    'user',
    'passenger',
    'compass',
    'keyboard',
    'shipping',
    'monkey',
    'opinion',
    'sidecar',
  ])('keeps the key %s, which only looks like a secret', (key) => {
    expect(redactor.denies(key)).toBe(false);
  });

  it.each([
    [`got ${JWT} twice`, `got ${REDACTED} twice`],
    [JWT.slice(0, 30), REDACTED],
    [`${JWT},${JWT}`, `${REDACTED},${REDACTED}`],
    ['Bearer abc.def~1+/=', `Bearer ${REDACTED}`],
    ['authorization: bearer  x1', `authorization: bearer  ${REDACTED}`],
    ['DPoP abcdef', `DPoP ${REDACTED}`],
    [`Basic ${Buffer.from('ann:hunter2').toString('base64')}`, `Basic ${REDACTED}`],
    ['postgres://ann:hunter2@db:5432/app', `postgres://${REDACTED}@db:5432/app`],
    ['/reset?token=abc&lang=en', `/reset?token=${REDACTED}&lang=en`],
    ['login failed password=hunter2 again', `login failed password=${REDACTED} again`],
    ['{"password":"hun\\"ter2","user":"ann"}', `{"password":"${REDACTED}","user":"ann"}`],
    ['{"pin": 1234}', `{"pin": "${REDACTED}"}`],
    ['-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----', REDACTED],
    ['-----BEGIN EC PRIVATE KEY-----\nMII', REDACTED],
  ])('takes the secret out of %j by its shape', (text, safe) => {
    expect(redactor.text(text)).toBe(safe);
  });

  it.each([
    'Basic information about plans',
    'a heyJude_wins_again file',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)',
    'https://example.org/a?lang=en&page=2',
    '{"user":"ann"}',
  ])('leaves %j alone', (text) => {
    expect(redactor.text(text)).toBe(text);
  });

  it('takes names of the application at any depth, and ways with dots', () => {
    const own = new Redactor(['E-Mail', 'metadata.user.phone']);
    expect(own.denies('email')).toBe(true);
    expect(own.paths?.below.get('metadata')?.below.get('user')?.below.get('phone')?.end).toBe(true);
    expect(own.denies('phone')).toBe(false);
  });

  it('stays fast on text made to be slow, because anybody may send a User-Agent', () => {
    const hostile = [
      '"' + '\\"'.repeat(1000),
      'eyJ' + 'a.'.repeat(1000),
      '://' + 'a'.repeat(2000),
      '='.repeat(2000),
      'bearer '.repeat(300),
      '-----BEGIN PRIVATE KEY-----'.repeat(70),
    ];
    const startedAt = performance.now();
    for (let round = 0; round < 20; round++) for (const text of hostile) redactor.text(text);
    expect((performance.now() - startedAt) / (20 * hostile.length)).toBeLessThan(20);
  });
});
