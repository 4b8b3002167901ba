import { join } from 'node:path';
import { answerOf, type ChainFs } from './chain-fs.js';
import { parseSegmentName } from './segment.js';

/** A segment as a directory has it. */
export interface ListedSegment {
  readonly file: string;
  readonly chain: string;
  readonly no: number;
  /** Never before that of a segment in front of it. */
  readonly mtimeMs: number;
}

type Found = { -readonly [K in keyof ListedSegment]: ListedSegment[K] };

/** So many files are asked for at once. */
const TOGETHER = 16;

/** The segments in a directory, the oldest first. */
export function segmentFiles(fs: ChainFs, directory: string, belongs: (chain: string) => boolean): string[] {
  const found: Found[] = [];
  for (const segment of named(fs.readdirSync(directory), belongs)) {
    try {
      found.push({ ...segment, mtimeMs: fs.statSync(join(directory, segment.file)).mtimeMs });
    } catch {
      // Another process has just removed it.
    }
  }
  return inOrder(found).map(({ file }) => file);
}

/** The same, without keeping the event loop: with a year of segments, each would wait for the disk. */
export async function listSegments(
  fs: ChainFs,
  directory: string,
  belongs: (chain: string) => boolean,
): Promise<readonly ListedSegment[]> {
  const segments = named(await answerOf<string[]>((done) => fs.readdir(directory, done)), belongs);
  const found: Found[] = [];
  for (let from = 0; from < segments.length; from += TOGETHER) {
    const some = segments.slice(from, from + TOGETHER).map(async (segment) => {
      const { mtimeMs } = await answerOf<{ mtimeMs: number }>((done) => fs.stat(join(directory, segment.file), done));
      found.push({ ...segment, mtimeMs });
    });
    // One that fails has just been removed by another process.
    await Promise.allSettled(some);
  }
  return inOrder(found);
}

function named(files: readonly string[], belongs: (chain: string) => boolean): Omit<ListedSegment, 'mtimeMs'>[] {
  return files.flatMap((file) => {
    const name = parseSegmentName(file);
    return name !== undefined && belongs(name.chain) ? [{ file, ...name }] : [];
  });
}

/** A copy may have any times: within a chain the numbers count. */
function inOrder(found: Found[]): readonly ListedSegment[] {
  const latest = new Map<string, number>();
  for (const each of found.sort((a, b) => a.no - b.no)) {
    each.mtimeMs = Math.max(each.mtimeMs, latest.get(each.chain) ?? 0);
    latest.set(each.chain, each.mtimeMs);
  }
  return found.sort((a, b) => a.mtimeMs - b.mtimeMs || a.no - b.no);
}
