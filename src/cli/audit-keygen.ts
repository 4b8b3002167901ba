import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { USAGE, type Console, type Verb } from './verb.js';

const PRIVATE = 'audit-signing.pem';
const PUBLIC = 'audit-signing.pub.pem';
const RATCHET = 'audit-ratchet.key';

/** Makes the keys of an audit trail, and says where each of them belongs. */
export const auditKeygen: Verb = {
  name: 'audit keygen',
  usage: '--out DIR',
  summary: 'The keys that sign and seal an audit trail, each in a file of its own, and where each belongs.',
  run: keygen,
};

async function keygen(args: readonly string[], console: Console): Promise<number> {
  const [option, directory, ...rest] = args;
  if (option !== '--out' || directory === undefined || directory.startsWith('--') || rest.length > 0) {
    console.error('Say where the keys go: --out DIR. Existing keys are never overwritten.');
    return USAGE;
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const files: readonly (readonly [name: string, content: string | Buffer, mode: number])[] = [
    [PRIVATE, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600],
    [PUBLIC, publicKey.export({ type: 'spki', format: 'pem' }), 0o644],
    [RATCHET, `${randomBytes(32).toString('base64')}\n`, 0o600],
  ];
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const [name, content, mode] of files) {
    try {
      await writeFile(join(directory, name), content, { mode, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      console.error(`${join(directory, name)} is there already: a key is never overwritten. Choose another directory.`);
      return 1;
    }
  }
  console.out(instructions(directory));
  return 0;
}

function instructions(directory: string): string {
  const at = (name: string): string => join(directory, name);
  return `Three keys were made.

${at(PRIVATE)}
  The private key that signs each checkpoint. It belongs to the host that writes the log: FileAuditSink.signingKey.

${at(PUBLIC)}
  Its public half. It belongs to whoever verifies: audit verify --public-key.

${at(RATCHET)}
  The first key of the ratchet. It belongs to the verifier: move it to a place that no host of the application can
  read, and give it to audit verify --ratchet-key. The application needs it for its first start on a log directory only
  (FileAuditSink.ratchetKey); from then on the directory holds a key that moves forward, so take this one out of the
  configuration of the host after that start. Whoever steals all that the host has can then change nothing of the past.`;
}
