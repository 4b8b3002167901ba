import { createHash, createHmac } from 'node:crypto';

/**
 * Keys that only move forward: whoever steals one can compute those behind it, never those before, so nothing that was
 * sealed with an earlier one can be made anew.
 *
 * The first key belongs to the verifier. From it comes a *line* of keys for each directory; the line moves on by one
 * *generation* for each chain; and each chain's own key by one *epoch* for each checkpoint.
 */
const DOMAIN = 'nas-audit-ratchet-v1';

const derive = (key: Buffer, ...parts: readonly string[]): Buffer =>
  createHmac('sha256', key)
    .update([DOMAIN, ...parts].join('\n'))
    .digest();

/** Tells first keys apart, and tells nothing of them. */
export const ratchetId = (firstKey: Buffer): string =>
  createHash('sha256').update(`${DOMAIN}\nid\n`).update(firstKey).digest('base64url').slice(0, 16);

/** The key of a line's generation 0. */
export const lineKey = (firstKey: Buffer, line: string): Buffer => derive(firstKey, 'line', line);
export const nextGeneration = (key: Buffer): Buffer => derive(key, 'generation');
/** The key of a chain's epoch 0, from that of its generation. */
export const chainKey = (generationKey: Buffer, chain: string): Buffer => derive(generationKey, 'chain', chain);
export const nextEpoch = (key: Buffer): Buffer => derive(key, 'epoch');

/** Seals a checkpoint. */
export const sealOf = (key: Buffer, noteText: string): string =>
  derive(key, 'checkpoint', noteText).toString('base64url');

/** What a successor says of a chain that a crash has left, sealed with the key that this chain would have used next. */
export const handoverOf = (key: Buffer, successor: string, seq: number, head: string): string =>
  derive(key, 'handover', successor, String(seq), head).toString('base64url');
