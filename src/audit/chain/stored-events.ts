import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEvent } from '../audit-event.js';
import type { AuditPosition, StoredAuditEvent } from '../audit-sink.js';
import { lineBlocks, linesOf } from './line-blocks.js';
import { parseSegmentName } from './segment.js';

/** A line's number, which is looked at first: most lines are in front of the place. */
const SEQ = /^[^,]+,[^,]+,"seq":(\d+)/;

interface StoredChain {
  readonly id: string;
  /** In the order of their numbers. */
  readonly files: readonly string[];
  /** Of the first record that is left. */
  readonly since: string;
}

/**
 * The events in a directory's chains of one host, behind a place. Of the chain that is being written only what is
 * committed: a line behind it may still be cut back.
 */
export async function* storedEvents(
  directory: string,
  committed: AuditPosition,
  after?: AuditPosition,
): AsyncGenerator<StoredAuditEvent> {
  const chains = await storedChains(directory, committed.chain.slice(0, -37));
  const from = Math.max(
    0,
    chains.findIndex(({ id }) => id === after?.chain),
  );
  for (const { id, files } of chains.slice(from)) {
    const seen = id === after?.chain ? after.seq : 0;
    const last = id === committed.chain ? committed.seq : Infinity;
    for (const file of await filesBehind(directory, files, seen))
      yield* eventsOf(join(directory, file), id, seen, last);
  }
}

/** Without those in front of the one that holds the next number: an outage is short, and a chain may be long. */
async function filesBehind(directory: string, files: readonly string[], seen: number): Promise<readonly string[]> {
  let from = files.length - 1;
  while (from > 0 && ((await firstRecord(join(directory, files[from]!))).seq ?? Infinity) > seen + 1) from--;
  return files.slice(from);
}

async function* eventsOf(path: string, chain: string, seen: number, last: number): AsyncGenerator<StoredAuditEvent> {
  try {
    for await (const block of lineBlocks(path)) {
      for (const line of linesOf(block)) {
        if (Number(SEQ.exec(line)?.[1] ?? 0) <= seen) continue;
        const stored = storedEvent(line, chain);
        if (stored !== undefined && stored.seq <= last) yield stored;
      }
    }
  } catch (error) {
    // Retention has removed it since the directory was read.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function storedEvent(line: string, chain: string): StoredAuditEvent | undefined {
  try {
    const { v: _v, chain: of, seq, prev: _prev, t, h, ...event } = JSON.parse(line) as Record<string, unknown>;
    if (t !== 'event' || of !== chain || typeof seq !== 'number' || typeof h !== 'string') return undefined;
    return { chain, seq, hash: h, event: event as unknown as AuditEvent };
  } catch {
    // Damaged: a matter for the verifier, who says so.
    return undefined;
  }
}

async function storedChains(directory: string, instance: string): Promise<StoredChain[]> {
  const files = new Map<string, { readonly file: string; readonly no: number }[]>();
  for (const file of await readdir(directory).catch(() => [])) {
    const name = parseSegmentName(file);
    if (name === undefined || !name.chain.startsWith(`${instance}.`)) continue;
    const known = files.get(name.chain) ?? [];
    files.set(name.chain, known);
    known.push({ file, no: name.no });
  }
  const chains: StoredChain[] = [];
  for (const [id, segments] of files) {
    const ordered = segments.toSorted((a, b) => a.no - b.no).map(({ file }) => file);
    chains.push({
      id,
      files: ordered,
      since: (await firstRecord(join(directory, ordered[0]!))).timestamp ?? '',
    });
  }
  return chains.toSorted((a, b) => (a.since < b.since ? -1 : 1));
}

async function firstRecord(path: string): Promise<{ readonly seq?: number; readonly timestamp?: string }> {
  try {
    for await (const block of lineBlocks(path)) {
      for (const line of linesOf(block)) {
        const { seq, timestamp } = JSON.parse(line) as { seq: number; timestamp: string };
        return { seq, timestamp };
      }
    }
  } catch {
    // Not readable, or gone: nothing will be read of it either.
  }
  return {};
}
