// The keys of a provable log, as `nestjs-auth-services audit keygen` makes them: one half signs, the other verifies.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

export function makeAuditKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const ratchetKey = randomBytes(32).toString('hex');
  return { signing: { signingKey: privateKey, ratchetKey }, verifying: { publicKey, ratchetKey } };
}
