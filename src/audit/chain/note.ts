import { createHash, verify } from 'node:crypto';
import type { PublicKey } from './keys.js';

/** What a checkpoint says: this chain, up to this record, has this hash. */
export interface Checkpoint {
  readonly chain: string;
  /** The number of the last record that it covers. */
  readonly size: number;
  /** That record's hash, base64url. */
  readonly head: string;
  readonly time: string;
  /** Which key of the ratchet sealed it; absent without a ratchet. */
  readonly epoch?: number | undefined;
  /** The chain has ended here, in order. */
  readonly isEnd: boolean;
}

export interface SignedNote {
  readonly checkpoint: Checkpoint;
  readonly text: string;
  readonly signature: Buffer | undefined;
}

const ORIGIN = 'nestjs-auth-services/';
const ED25519 = 1;

/**
 * A checkpoint as text: origin, size and root in the form of https://c2sp.org/tlog-checkpoint, then lines of our own.
 * This text is what is signed.
 */
export function noteText({ chain, size, head, time, epoch, isEnd }: Checkpoint): string {
  const root = Buffer.from(head, 'base64url').toString('base64');
  const sealed = epoch === undefined ? '' : `epoch ${epoch}\n`;
  return `${ORIGIN}${chain}\n${size}\n${root}\ntime ${time}\n${sealed}${isEnd ? 'end\n' : ''}`;
}

/** The note with its signature line (https://c2sp.org/signed-note), which any verifier of signed notes reads. */
export function signedNote(text: string, signature: Buffer | undefined, publicBytes: Buffer | undefined): string {
  if (signature === undefined || publicBytes === undefined) return `${text}\n`;
  const name = text.slice(0, text.indexOf('\n'));
  const line = Buffer.concat([keyHash(name, publicBytes), signature]).toString('base64');
  return `${text}\n\u2014 ${name} ${line}\n`;
}

/** Whether one of the keys has signed this text. */
export function isSignedBy(text: string, signature: Buffer, keys: readonly PublicKey[]): boolean {
  const bytes = Buffer.from(text);
  return keys.some(({ key }) => verify(null, bytes, key, signature));
}

export function parseNote(signed: string): SignedNote | undefined {
  const end = signed.indexOf('\n\n');
  const text = end < 0 ? signed : signed.slice(0, end + 1);
  const checkpoint = parseNoteText(text);
  if (checkpoint === undefined) return undefined;
  const line = end < 0 ? null : /^\u2014 \S+ (\S+)$/m.exec(signed.slice(end + 2));
  const bytes = line === null ? undefined : Buffer.from(line[1]!, 'base64');
  return { checkpoint, text, signature: bytes?.subarray(4) };
}

const TEXT =
  /^nestjs-auth-services\/(\S+)\n(\d{1,15})\n([\w+/]{43}=)\ntime ([\d:.TZ-]{20,30})\n(?:epoch (\d{1,15})\n)?(end\n)?$/;

export function parseNoteText(text: string): Checkpoint | undefined {
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const [, chain, size, root, time, epoch, end] = match;
  return {
    chain: chain!,
    size: Number(size),
    head: Buffer.from(root!, 'base64').toString('base64url'),
    time: time!,
    epoch: epoch === undefined ? undefined : Number(epoch),
    isEnd: end !== undefined,
  };
}

function keyHash(name: string, publicBytes: Buffer): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(publicBytes)
    .digest()
    .subarray(0, 4);
}
