import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface TrailKeys {
  /** The host's. */
  readonly signingKey: string;
  /** The verifier's. */
  readonly publicKey: string;
  readonly ratchetKey: string;
}

/** What `npx nestjs-auth-services audit keygen --out DIR` writes; here at each start, because each has its own log. */
export async function makeKeys(home: string): Promise<TrailKeys> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const ratchetKey = randomBytes(32).toString('base64');
  await writeFile(join(home, 'audit-signing.pub.pem'), publicKey);
  await writeFile(join(home, 'audit-ratchet.key'), ratchetKey, { mode: 0o600 });
  return { signingKey: privateKey, publicKey, ratchetKey };
}
