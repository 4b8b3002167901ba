import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ChainFs } from './chain-fs.js';
import { segmentFiles } from './segment-list.js';
import { readTail, type Tail } from './tail.js';
import type { RecordType } from './record.js';

export interface ChainSettings {
  readonly directory: string;
  /** `undefined`: the host's name. */
  readonly instance: string | undefined;
  readonly maxSegmentBytes: number;
  readonly maxSegmentSeconds: number;
  /** `undefined`: all. */
  readonly retainSegments: number | undefined;
  readonly fsync: 'batch' | 'never';
}

/** A record of the log's own, to be written at the next opportunity. */
export type ControlRecord = readonly [type: RecordType, content: object];

/** The end of a chain as its successor finds it. */
export interface FoundEnd extends Omit<Tail, 'torn' | 'chain'> {
  readonly torn?: Tail['torn'] & { readonly file: string };
}

/** So many of the newest files are looked at for the end of the chain before. */
const LOOKED_AT = 8;

/** The other segments of this host in the directory, and where they end. */
export class SegmentShelf {
  /** Said of this chain in each of its segments, so that retention can account for it. */
  ratchet: { readonly line: string; readonly generation: number } | undefined;

  constructor(
    private readonly settings: ChainSettings,
    private readonly fs: ChainFs,
    private readonly instance: string,
  ) {}

  /** Where the newest chain of this host ends. */
  newestTail(): Tail | undefined {
    const { fs, settings } = this;
    for (const file of this.files().slice(-LOOKED_AT).toReversed()) {
      const tail = readTail(fs, settings.directory, file);
      if (tail !== undefined) return tail;
    }
    return undefined;
  }

  /** Where this chain ends, also if its last file is nothing but a cut write. */
  endOf(chain: string): FoundEnd | undefined {
    const { fs, settings } = this;
    let torn: FoundEnd['torn'];
    for (const file of this.files().toReversed()) {
      if (!file.startsWith(`${chain}-`)) continue;
      const tail = readTail(fs, settings.directory, file);
      if (tail !== undefined) {
        torn ??= tail.torn && { file, ...tail.torn };
        const { seq, head, last } = tail;
        return { file, seq, head, last, ...(torn && { torn }) };
      }
      torn ??= this.wholeFile(file);
    }
    return undefined;
  }

  private files(): string[] {
    return segmentFiles(this.fs, this.settings.directory, (chain) => chain.startsWith(`${this.instance}.`));
  }

  private wholeFile(file: string): FoundEnd['torn'] {
    const { fs, settings } = this;
    const fd = fs.openSync(join(settings.directory, file), 'r');
    try {
      const bytes = Buffer.alloc(fs.fstatSync(fd).size);
      fs.readSync(fd, bytes, 0, bytes.length, 0);
      const sha256 = createHash('sha256').update(bytes).digest('base64url');
      return bytes.length === 0 ? undefined : { file, offset: 0, length: bytes.length, sha256 };
    } finally {
      fs.closeSync(fd);
    }
  }
}
