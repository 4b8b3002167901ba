// Claims of every type, at their extremes.
import { attacksOf, claims, issued, raw, text } from './attack.js';
import { seconds } from '../forging.js';

export const onClaims = attacksOf((attack) => {
  for (const exp of [undefined, null, '9999999999', true, [9999999999], {}, 1e15, Number.MAX_SAFE_INTEGER]) {
    attack('claims', `exp that is ${JSON.stringify(exp) ?? 'absent'}`, (w) => issued(w, { exp }));
  }
  attack('claims', 'exp that overflows to infinity', (w) =>
    raw(w, text(claims(w, { exp: 'X' })).replace('"X"', '1e999')),
  );
  for (const name of ['exp', 'nbf', 'iat']) {
    attack('claims', `${name} that falls below every number`, (w) =>
      raw(w, text(claims(w, { [name]: 'X' })).replace('"X"', '-1e999')),
    );
    attack('claims', `${name} after the end of all calendars`, (w) => issued(w, { [name]: 253_402_300_800 }));
  }
  attack('claims', 'exp in milliseconds', (w) => issued(w, { exp: Date.now() + 1e6 }));
  for (const exp of [0, -1, 1, 1.5]) attack('expired_token', `exp ${String(exp)}`, (w) => issued(w, { exp }));
  attack('expired_token', 'a second too late', (w) => issued(w, { exp: seconds() - 1 }));
  attack('not_active', 'an hour too early', (w) => issued(w, { nbf: seconds() + 3600 }));
  attack('not_active', 'issued in the future, to outlive every limit of age', (w) =>
    issued(w, { iat: seconds() + 3600 }),
  );
  for (const value of ['0', null, true, [], {}]) {
    attack('claims', `nbf that is ${JSON.stringify(value)}`, (w) => issued(w, { nbf: value }));
    attack('claims', `iat that is ${JSON.stringify(value)}`, (w) => issued(w, { iat: value }));
  }
  for (const sub of [7, null, ['admin'], { id: 'admin' }, true]) {
    attack('claims', `sub that is ${JSON.stringify(sub)}`, (w) => issued(w, { sub }));
  }
  for (const aud of [
    undefined,
    null,
    '',
    'other',
    'api2',
    'API',
    'api ',
    'other api',
    [],
    [['api']],
    ['api', 7],
    { 0: 'api' },
    { $ne: null },
    '.*',
    '*',
    ['*'],
    'api\u0000',
    'https://api',
    '["api"]',
    7,
    true,
  ]) {
    attack('audience', `aud that is ${JSON.stringify(aud) ?? 'absent'}`, (w) => issued(w, { aud }));
  }
  attack('audience', 'a list for client_id where aud is absent', (w) =>
    issued(w, { aud: undefined, client_id: ['api'] }),
  );
  attack('audience', 'client_id in the place of another aud', (w) => issued(w, { aud: 'other', client_id: 'api' }));
  attack('audience', 'an ID token, which is for the client', (w) =>
    issued(w, { aud: 'web', azp: 'web', nonce: 'n', at_hash: 'h', auth_time: seconds() }),
  );
});
