import { createHash } from 'node:crypto';

/** Where a chain's ratchet stands: the next checkpoint takes `key`. */
export interface EpochState {
  readonly line: string;
  readonly generation: number;
  readonly chain: string;
  /** The process that writes the chain. */
  readonly pid: number;
  readonly epoch: number;
  readonly key: Buffer;
}

/** Where a line stands: the next chain takes `key`. */
export interface LineState {
  /** Of the first key, see `ratchetId`. */
  readonly id: string;
  readonly line: string;
  readonly generation: number;
  readonly key: Buffer;
}

/** A disk writes so much at once, or nothing of it. */
export const SLOT_BYTES = 512;
export const SLOTS = 3;

/** A state as bytes that tell whether they are whole. */
export function encodeState(state: EpochState | LineState): Buffer {
  const json = JSON.stringify({ ...state, key: state.key.toString('base64') });
  return Buffer.from(`${json} ${checksum(json)}\n`.padStart(SLOT_BYTES));
}

/** `undefined` if they are not whole, or none. */
export function decodeState(bytes: Uint8Array): EpochState | LineState | undefined {
  const match = /^ *(\{.*\}) (\S{16})\n$/.exec(Buffer.from(bytes).toString('utf8'));
  if (match === null || checksum(match[1]!) !== match[2]) return undefined;
  const state = JSON.parse(match[1]!) as (EpochState | LineState) & { key: unknown };
  return { ...state, key: Buffer.from(String(state.key), 'base64') };
}

/** The newest whole state of a file of slots. */
export function newestEpoch(bytes: Buffer): EpochState | undefined {
  const states = Array.from({ length: SLOTS }, (_, slot) => slot * SLOT_BYTES)
    .map((from) => decodeState(bytes.subarray(from, from + SLOT_BYTES)))
    .filter((state): state is EpochState => state !== undefined && 'epoch' in state);
  return states.toSorted((a, b) => b.epoch - a.epoch)[0];
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('base64url').slice(0, 16);
}
