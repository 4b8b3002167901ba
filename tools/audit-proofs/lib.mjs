// What the proofs share: a writer that can be killed, and what is left of its log.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const DIST = fileURLToPath(new URL('../../dist/esm', import.meta.url));
const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));

export function writeKeys(directory) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const ratchetKey = randomBytes(32).toString('hex');
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
  writeFileSync(join(directory, 'audit-signing.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(directory, 'audit-ratchet.key'), ratchetKey);
  return { publicKey: publicPem, ratchetKey };
}

/** Starts a writer. `acknowledged` grows with each event that was confirmed to it. */
export function startWriter(directory, keys, first) {
  const child = spawn(process.execPath, [WRITER, DIST, directory, keys, String(first)], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const acknowledged = [];
  let rest = Buffer.alloc(0);
  const begun = new Promise((resolve, reject) => {
    child.stdio[3].on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= 4; rest = rest.subarray(4)) acknowledged.push(rest.readUInt32LE());
      resolve();
    });
    child.on('exit', (code) => reject(new Error(`the writer ended by itself with ${code}`)));
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  return { child, acknowledged, begun, closed };
}

/** The numbers of the events that are in the log, each once. @throws if one is there twice. */
export function storedIndexes(directory) {
  const found = new Set();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.jsonl'))) {
    for (const line of readFileSync(join(directory, file), 'utf8').split('\n')) {
      if (!line.includes('"t":"event"') || !line.endsWith('"}')) continue;
      const { index } = JSON.parse(line).metadata;
      if (found.has(index)) throw new Error(`event ${index} is in the log twice`);
      found.add(index);
    }
  }
  return found;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
