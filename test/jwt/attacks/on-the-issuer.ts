// The issuer is chosen by its exact name.
import { attacksOf, claims, header, issued, type World } from './attack.js';
import { forge } from '../forging.js';

export const onIssuer = attacksOf((attack) => {
  for (const [name, iss] of [
    ['the attacker, who answers discovery', (w: World) => w.evil],
    ['the issuer with a slash more', (w: World) => `${w.iss}/`],
    ['the issuer in capitals', (w: World) => w.iss.toUpperCase()],
    ['the issuer behind credentials', (w: World) => w.iss.replace('http://', 'http://evil@')],
    ['the issuer with a path', (w: World) => `${w.iss}/.`],
    ['the issuer with a space', (w: World) => `${w.iss} `],
    ['the issuer with a dot behind its host', (w: World) => w.iss.replace('127.0.0.1', '127.0.0.1.')],
    ['another name of the same machine', (w: World) => w.iss.replace('127.0.0.1', 'localhost')],
    ['the issuer in percent signs', (w: World) => w.iss.replace('127', '%3127')],
    ['the issuer with a character nobody sees', (w: World) => `${w.iss}\u200B`],
    ['the issuer with a fragment', (w: World) => `${w.iss}#`],
    ['a list with the issuer in it', (w: World) => [w.iss]],
    ['an object', (w: World) => ({ toString: w.iss })],
    ['a number', () => 7],
    ['null', () => null],
    ['absent', () => undefined],
    ['a name that every object inherits', () => 'constructor'],
  ] as [string, (w: World) => unknown][]) {
    attack('issuer', `an iss that is ${name}`, (w) => issued(w, { iss: iss(w) }));
  }
  attack('issuer', 'the attacker as issuer, with the attacker as key server', (w) =>
    forge(header(w, { kid: w.evilKey.kid, jku: `${w.evil}/jwks` }), claims(w, { iss: w.evil }), w.evilKey.sign),
  );
  // Two issuers may use one kid; the key is the issuer's own.
  attack('invalid_signature', 'the key that another trusted issuer has under the same kid', (w) =>
    forge(header(w), claims(w), w.otherTwin.sign),
  );
  attack('invalid_signature', 'the name of another trusted issuer, with a key of this one under a kid of both', (w) =>
    forge(header(w), claims(w, { iss: w.otherIss }), w.rsa.sign),
  );
});
