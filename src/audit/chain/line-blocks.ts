import { open } from 'node:fs/promises';

/** Whole lines of a file, as bytes. */
export interface LineBlock {
  readonly bytes: Buffer;
  /** Where the first line begins in `bytes`; {@link HEADROOM} bytes in front of it are free to be overwritten. */
  readonly from: number;
  /** Where the last line ends, behind its LF; in the last block of a torn file there is none. */
  readonly to: number;
  /** Where the first line begins in the file. */
  readonly offset: number;
  /** The file ends here without an LF, or with a line that is longer than any record. */
  readonly isTorn: boolean;
}

export const HEADROOM = 64;
const READ_BYTES = 1_048_576;
/** No record comes near it; a longer line is none, and must not fill the memory. */
const LONGEST_LINE = 8_388_608;
const LF = 0x0a;

/** Reads a file block by block. The memory is the same whatever its size, and a block is only good until the next. */
export async function* lineBlocks(path: string): AsyncGenerator<LineBlock> {
  const file = await open(path, 'r');
  try {
    let bytes: Buffer = Buffer.allocUnsafe(HEADROOM + READ_BYTES);
    let end = HEADROOM;
    let offset = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, end, bytes.length - end, offset + end - HEADROOM);
      if (bytesRead === 0) break;
      const lastLine = bytes.subarray(end, end + bytesRead).lastIndexOf(LF);
      const to = lastLine < 0 ? HEADROOM : end + lastLine + 1;
      end += bytesRead;
      if (to > HEADROOM) {
        yield { bytes, from: HEADROOM, to, offset, isTorn: false };
        bytes.copyWithin(HEADROOM, to, end);
        offset += to - HEADROOM;
        end -= to - HEADROOM;
      } else if (end === bytes.length) {
        if (end > LONGEST_LINE) break;
        bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)]);
      }
    }
    if (end > HEADROOM) yield { bytes, from: HEADROOM, to: end, offset, isTorn: true };
  } finally {
    await file.close();
  }
}

/** The lines of a block, without their LF. */
export function* linesOf({ bytes, from, to, isTorn }: LineBlock): Generator<string> {
  if (isTorn) return;
  for (let start = from; start < to;) {
    const end = bytes.indexOf(LF, start);
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}
