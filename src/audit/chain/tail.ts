import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ChainFs } from './chain-fs.js';
import { parseSegmentName } from './segment.js';

/** The last good record of a segment, and what lies behind it if a write was cut. */
export interface Tail {
  readonly chain: string;
  readonly file: string;
  readonly seq: number;
  readonly head: string;
  /** The type of that record: `end` if the chain was ended in order, `seal` if the segment was. */
  readonly last: string;
  readonly torn?: { readonly offset: number; readonly length: number; readonly sha256: string };
}

const FIRST_LOOK = 65_536;
const LONGEST_LOOK = 4_194_304;

/** The segments in a directory, the oldest first. */
export function segmentFiles(fs: ChainFs, directory: string, belongs: (chain: string) => boolean): string[] {
  const found: { file: string; mtimeMs: number; no: number }[] = [];
  for (const file of fs.readdirSync(directory)) {
    const name = parseSegmentName(file);
    if (name === undefined || !belongs(name.chain)) continue;
    try {
      found.push({ file, mtimeMs: fs.statSync(join(directory, file)).mtimeMs, no: name.no });
    } catch {
      // Another process has just removed it.
    }
  }
  return found.toSorted((a, b) => a.mtimeMs - b.mtimeMs || a.no - b.no).map(({ file }) => file);
}

/** The end of a segment; `undefined` if there is no record in it, or the file cannot be read. */
export function readTail(fs: ChainFs, directory: string, file: string): Tail | undefined {
  try {
    const fd = fs.openSync(join(directory, file), 'r');
    try {
      const { size } = fs.fstatSync(fd);
      for (let length = FIRST_LOOK; ; length *= 8) {
        const offset = Math.max(0, size - length);
        const bytes = Buffer.alloc(size - offset);
        fs.readSync(fd, bytes, 0, bytes.length, offset);
        const tail = lastRecord(bytes, offset, file);
        if (tail !== undefined || offset === 0 || length >= LONGEST_LOOK) return tail;
      }
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function lastRecord(bytes: Buffer, offset: number, file: string): Tail | undefined {
  for (let end = bytes.lastIndexOf(0x0a); end >= 0; end = end === 0 ? -1 : bytes.lastIndexOf(0x0a, end - 1)) {
    const start = end === 0 ? 0 : bytes.lastIndexOf(0x0a, end - 1) + 1;
    // The first line of a look may have lost its beginning.
    if (start === 0 && offset > 0) return undefined;
    const record = parsed(bytes.toString('utf8', start, end));
    if (record === undefined) continue;
    const rest = bytes.subarray(end + 1);
    const torn = {
      offset: offset + end + 1,
      length: rest.length,
      sha256: createHash('sha256').update(rest).digest('base64url'),
    };
    return { ...record, file, ...(rest.length > 0 && { torn }) };
  }
  return undefined;
}

function parsed(line: string): Pick<Tail, 'chain' | 'seq' | 'head' | 'last'> | undefined {
  try {
    const { chain, seq, h, t } = JSON.parse(line) as Record<string, unknown>;
    if (typeof chain !== 'string' || typeof seq !== 'number' || typeof h !== 'string') return undefined;
    return { chain, seq, head: h, last: String(t) };
  } catch {
    return undefined;
  }
}
