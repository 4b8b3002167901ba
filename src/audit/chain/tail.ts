import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ChainFs } from './chain-fs.js';
import { HEADROOM } from './line-blocks.js';
import { hashLine, readLine, type RecordLine } from './record-line.js';
import { openingOf } from './record.js';
import { parseSegmentName } from './segment.js';

/** Bytes behind a segment's last good record: a write that a crash has cut. */
export interface TornTail {
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

/** The last good record of a segment, and what lies behind it if a write was cut. */
export interface Tail {
  readonly chain: string;
  readonly file: string;
  readonly seq: number;
  readonly head: string;
  /** The type of that record: `end` if the chain was ended in order, `seal` if the segment was. */
  readonly last: string;
  readonly torn?: TornTail;
}

const LF = 0x0a;
const FIRST_LOOK = 65_536;
/** More than one write is rarely cut, and one is rarely larger. */
const LONGEST_LOOK = 4_194_304;

/** The end of a segment; `undefined` if there is no record in it, or the file cannot be read. */
export function readTail(fs: ChainFs, directory: string, file: string): Tail | undefined {
  try {
    const fd = fs.openSync(join(directory, file), 'r');
    try {
      const { size } = fs.fstatSync(fd);
      const short = tailWithin(fs, fd, file, size, FIRST_LOOK);
      // Only a segment that ends in order ends where its last record does.
      if (size <= FIRST_LOOK || short?.last === 'end' || short?.last === 'seal') return short;
      return tailWithin(fs, fd, file, size, LONGEST_LOOK);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** Follows the links from the first whole line of the look to where they break: a cut write may leave holes, too. */
function tailWithin(fs: ChainFs, fd: number, file: string, size: number, look: number): Tail | undefined {
  const offset = Math.max(0, size - look);
  const bytes = Buffer.alloc(HEADROOM + size - offset);
  fs.readSync(fd, bytes, HEADROOM, bytes.length - HEADROOM, offset);
  const chain = parseSegmentName(file)!.chain;
  const opening = openingOf(chain);
  let from = offset === 0 ? HEADROOM : bytes.indexOf(LF, HEADROOM) + 1;
  let last: RecordLine | undefined;
  for (let to; (to = bytes.indexOf(LF, from)) >= 0; from = to + 1) {
    const line = readLine(bytes, from, to, chain, opening);
    if (line === undefined || line.chain !== chain) break;
    if (last !== undefined && (line.prev !== last.hash || line.seq !== last.seq + 1)) break;
    if (hashLine(bytes, from, to) !== line.hash) break;
    last = line;
  }
  if (last === undefined) return undefined;
  const rest = bytes.subarray(from);
  const torn = {
    offset: offset + from - HEADROOM,
    length: rest.length,
    sha256: createHash('sha256').update(rest).digest('base64url'),
  };
  return { chain, file, seq: last.seq, head: last.hash, last: last.type, ...(rest.length > 0 && { torn }) };
}
