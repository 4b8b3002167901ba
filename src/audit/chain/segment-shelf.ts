import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ChainFs } from './chain-fs.js';
import { RECORD_VERSION, type RecordType } from './record.js';
import { readTail, segmentFiles, type Tail } from './tail.js';

export interface ChainSettings {
  readonly directory: string;
  readonly maxSegmentBytes: number;
  readonly maxSegmentSeconds: number;
  /** `undefined`: all. */
  readonly retainSegments: number | undefined;
  readonly fsync: 'batch' | 'never';
}

/** A record of the log's own, to be written at the next opportunity. */
export type ControlRecord = readonly [type: RecordType, content: object];

/** So many of the newest files are looked at for the end of the chain before. */
const LOOKED_AT = 8;

/** The other segments of this host in the directory: what a new chain says of them, and which of them go. */
export class SegmentShelf {
  private prunable: readonly string[] = [];

  constructor(
    private readonly settings: ChainSettings,
    private readonly fs: ChainFs,
    private readonly instance: string,
  ) {}

  /** How a chain begins: with the end of the one before, and the torn line that a crash left there. */
  startRecords(config: Readonly<Record<string, unknown>> = {}): ControlRecord[] {
    const tail = this.newestTail();
    const { torn, ...previous } = tail ?? {};
    const start: ControlRecord = [
      'start',
      {
        eventType: 'audit.start',
        format: `nas-audit-v${RECORD_VERSION}`,
        pid: process.pid,
        host: this.instance,
        node: process.version,
        keys: [],
        previous: tail === undefined ? null : previous,
      },
    ];
    const recover: ControlRecord[] =
      torn === undefined ? [] : [['recover', { of: tail!.chain, file: tail!.file, ...torn }]];
    return [start, ...recover, this.configRecord(config)];
  }

  /** What the log holds and how it is kept; the hash is for whoever compares two starts. */
  private configRecord(logger: Readonly<Record<string, unknown>>): ControlRecord {
    const config = { sink: { ...this.settings, directory: undefined }, logger };
    const hash = createHash('sha256').update(JSON.stringify(config)).digest('base64url');
    return ['config', { eventType: 'audit.config', hash, config }];
  }

  /** Names what retention is about to remove, so that a verifier can tell policy from theft. */
  pruneRecords(own: string, nowMs: number): ControlRecord[] {
    const { retainSegments, directory } = this.settings;
    if (retainSegments === undefined) return [];
    try {
      const files = this.files();
      const old = files.filter((file) => file !== own).slice(0, Math.max(0, files.length - retainSegments));
      const removed = old
        .map((file) => ({ file, tail: readTail(this.fs, directory, file) }))
        .filter(({ file, tail }) => !this.mayBeInUse(file, tail, nowMs))
        .map(({ file, tail }) => ({ file, lastSeq: tail?.seq ?? null, head: tail?.head ?? null }));
      this.prunable = removed.map(({ file }) => file);
      return removed.length === 0 ? [] : [['prune', { removed }]];
    } catch {
      // Retention is tried again with the next segment; the events of this one matter more.
      return [];
    }
  }

  /** Only after the record that names them is on the disk. */
  prune(): void {
    const files = this.prunable;
    if (files.length === 0) return;
    this.prunable = [];
    for (const file of files) {
      try {
        this.fs.unlinkSync(join(this.settings.directory, file));
      } catch {
        // Another process of this host has removed it, or may not: the next segment tries again.
      }
    }
  }

  private files(): string[] {
    return segmentFiles(this.fs, this.settings.directory, (chain) => chain.startsWith(`${this.instance}.`));
  }

  private newestTail(): Tail | undefined {
    for (const file of this.files().slice(-LOOKED_AT).toReversed()) {
      const tail = readTail(this.fs, this.settings.directory, file);
      if (tail !== undefined) return tail;
    }
    return undefined;
  }

  /** Another process of this host may still write to a file that says nothing of its end and is not old. */
  private mayBeInUse(file: string, tail: Tail | undefined, nowMs: number): boolean {
    if (tail?.last === 'end' || tail?.last === 'seal') return false;
    const { directory, maxSegmentSeconds } = this.settings;
    return nowMs - this.fs.statSync(join(directory, file)).mtimeMs < maxSegmentSeconds * 1000;
  }
}
