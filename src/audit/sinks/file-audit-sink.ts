import { notYet, number, oneOf, shape, string } from '../../options/check.js';
import type { AuditEvent, AuditReceipt } from '../audit-event.js';
import type { AuditGap, AuditPosition, DurableAuditSink, StoredAuditEvent } from '../audit-sink.js';
import { nodeFs, type ChainFs } from '../chain/chain-fs.js';
import { FileChain } from '../chain/file-chain.js';
import { storedEvents } from '../chain/stored-events.js';
import { monotonicNow } from '../iso-clock.js';

/** Where the chain of records lies, and how it is cut into files. */
export interface FileAuditSinkOptions {
  /** The directory of the segments. Created, for this user only, if it is missing. Several processes may share it. */
  directory: string;
  /** Not supported by this version. */
  signingKey?: string | Buffer | undefined;
  /** Not supported by this version. */
  ratchetKey?: string | Buffer | undefined;
  /** A segment that has reached this size is sealed, and the next is begun. 4 KiB to 1 TiB. @default 67_108_864 */
  maxSegmentBytes?: number | undefined;
  /** A segment that has reached this age, in seconds, is sealed with the next event. At least 1. @default 86_400 */
  maxSegmentSeconds?: number | undefined;
  /**
   * So many segments of this host are kept in the directory, the newest, whichever process wrote them. A record names
   * those that go before they go. At least 2. Default: all are kept.
   */
  retainSegments?: number | undefined;
  /** Not supported by this version. */
  checkpointEvery?: { records?: number | undefined; seconds?: number | undefined } | undefined;
  /**
   * `batch`: every write is followed by an fdatasync, and what `append` has confirmed survives a power cut. `never`:
   * written to the operating system only; survives the process, and `append` refuses. @default 'batch'
   */
  fsync?: 'batch' | 'never' | undefined;
  /** Not supported by this version. */
  onCheckpoint?: ((note: string) => void | Promise<void>) | undefined;
}

const signatures = notYet('the records are chained by their hashes, but not signed yet');

const checkFileAuditSinkOptions = shape<FileAuditSinkOptions>({
  directory: string,
  signingKey: signatures,
  ratchetKey: signatures,
  maxSegmentBytes: number({ integer: true, min: 4096, max: 1_099_511_627_776 }),
  maxSegmentSeconds: number({ min: 1, max: 315_360_000 }),
  retainSegments: number({ integer: true, min: 2, max: 1_000_000 }),
  checkpointEvery: signatures,
  fsync: oneOf('batch', 'never'),
  onCheckpoint: signatures,
});

/**
 * Writes events to files, each record linked to the one before it by its SHA-256, so that a changed, removed or moved
 * record shows. All that waits goes into one write and one fdatasync; a full disk leaves no broken line, and writing
 * resumes by itself.
 *
 * Give it to one {@link AuditLogger} only, which also closes it.
 *
 * @example
 * ```ts
 * AuthServicesModule.forRoot({
 *   audit: { sinks: [new FileAuditSink({ directory: '/var/log/app/audit', retainSegments: 90 })] },
 * });
 * ```
 */
export class FileAuditSink implements DurableAuditSink {
  readonly name = 'file';
  readonly durable: boolean;
  readonly maxBatchEvents = 1000;
  private readonly directory: string;
  private readonly log: FileChain;

  /**
   * @throws OptionsError if an option is wrong. The directory is opened with the first event.
   * @param files A disk of a test. @internal
   */
  constructor(options: FileAuditSinkOptions, files: ChainFs = nodeFs, now: () => number = monotonicNow) {
    checkFileAuditSinkOptions(options, 'FileAuditSink');
    string(options.directory, 'FileAuditSink.directory');
    const { directory, maxSegmentBytes, maxSegmentSeconds, retainSegments, fsync = 'batch' } = options;
    this.durable = fsync === 'batch';
    this.directory = directory;
    this.log = new FileChain(
      {
        directory,
        maxSegmentBytes: maxSegmentBytes ?? 67_108_864,
        maxSegmentSeconds: maxSegmentSeconds ?? 86_400,
        retainSegments,
        fsync,
      },
      files,
      now,
    );
  }

  /** The chain that this process writes: `<host>.<uuid of this start>`. */
  get chain(): string {
    return this.log.id;
  }

  async write(events: readonly AuditEvent[]): Promise<void> {
    if (events.length > 0) await this.log.append(events, false);
  }

  /** As `write`, and says of each event where it lies. */
  append(events: readonly AuditEvent[]): Promise<readonly AuditReceipt[]> {
    return this.log.append(events, true);
  }

  flush(): Promise<void> {
    return this.log.flush();
  }

  /** Writes the chain's end. Afterwards nothing can be written. */
  close(): Promise<void> {
    return this.log.close();
  }

  /** @internal */
  drainSync(events: readonly AuditEvent[]): void {
    this.log.endSync(events);
  }

  /** @internal */
  noteGap(gap: AuditGap): void {
    this.log.noteGap(gap);
  }

  /** @internal */
  noteConfig(config: Readonly<Record<string, unknown>>): void {
    this.log.noteConfig(config);
  }

  /** @internal */
  read(after?: AuditPosition): AsyncIterable<StoredAuditEvent> {
    return storedEvents(this.directory, { chain: this.log.id, seq: this.log.lastSeq }, after);
  }
}
