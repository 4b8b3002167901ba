import { callable, number, oneOf, rangeError, secret, shape, string } from '../../options/check.js';
import type { AuditEvent, AuditReceipt } from '../audit-event.js';
import type { AuditGap, AuditPosition, DurableAuditSink, StoredAuditEvent } from '../audit-sink.js';
import { nodeFs, type ChainFs } from '../chain/chain-fs.js';
import { ratchetKeyOf, signingKeyOf } from '../chain/keys.js';
import { FileChain } from '../chain/file-chain.js';
import { storedEvents } from '../chain/stored-events.js';
import { monotonicNow } from '../iso-clock.js';
import { SafeEvent } from '../safe-event.js';
import { serialize } from '../serialize.js';

/** Where the chain of records lies, and how it is cut into files. */
export interface FileAuditSinkOptions {
  /** The directory of the segments. Created, for this user only, if it is missing. Several processes may share it. */
  directory: string;
  /**
   * Who writes: the chains of one name in one directory are one writer's, who takes over what a crash of his has left.
   * Containers that share a directory and have one host name, as on the host's network, need a name each, the same after
   * every restart. Letters, digits and `-`, at most 64. Default: the host's name.
   */
  instance?: string | undefined;
  /**
   * The Ed25519 private key that signs the checkpoints, in PEM, from `npx nestjs-auth-services audit keygen`. Without it
   * the records are chained but nothing proves who wrote them: `audit verify` says `incomplete`.
   */
  signingKey?: string | Buffer | undefined;
  /**
   * The first epoch's key of the ratchet, 32 bytes, as hex or base64, from `audit keygen`. It is needed for the first
   * start on a directory only; then the directory holds a key that moves forward with each checkpoint, and this one
   * belongs to the verifier alone: take it out of the configuration of the host, or whoever reads it there can make
   * the whole log anew.
   */
  ratchetKey?: string | Buffer | undefined;
  /** A segment that has reached this size is sealed, and the next is begun. 4 KiB to 1 TiB. @default 67_108_864 */
  maxSegmentBytes?: number | undefined;
  /** A segment that has reached this age, in seconds, is sealed with the next record. At least 1. @default 86_400 */
  maxSegmentSeconds?: number | undefined;
  /**
   * So many segments of this host are kept in the directory, the newest, whichever process wrote them. A signed record
   * names those that go before they go. At least 2. Default: all are kept.
   */
  retainSegments?: number | undefined;
  /**
   * A signed checkpoint follows after so many records (10 to 1 million, default 1,000) or seconds (0.01 to 86,400,
   * default 1), whichever comes first, and each minute while nothing happens. What lies behind the last one is what a
   * thief of all keys could still change.
   */
  checkpointEvery?: { records?: number | undefined; seconds?: number | undefined } | undefined;
  /**
   * `batch`: every write is followed by an fdatasync, and what `append` has confirmed survives a power cut. `never`:
   * written to the operating system only; survives the process, and `append` refuses. @default 'batch'
   */
  fsync?: 'batch' | 'never' | undefined;
  /**
   * The anchor: is handed each checkpoint, a signed note of four to six lines, once it is on the disk. Keep the notes in
   * a second place that the host cannot change, and give them to `audit verify --anchors`. What it throws or rejects is
   * said once as a warning of the process, and stops nothing.
   */
  onCheckpoint?: ((note: string) => void | Promise<void>) | undefined;
}

const DEFAULT_CHECKPOINT_RECORDS = 1000;

const checkFileAuditSinkOptions = shape<FileAuditSinkOptions>({
  directory: string,
  instance: (value, path) => {
    if (typeof value !== 'string' || !/^[A-Za-z0-9-]{1,64}$/.test(value))
      throw rangeError(path, 'a name of 1 to 64 letters, digits and "-"', value);
  },
  signingKey: secret(32),
  ratchetKey: secret(32),
  maxSegmentBytes: number({ integer: true, min: 4096, max: 1_099_511_627_776 }),
  maxSegmentSeconds: number({ min: 1, max: 315_360_000 }),
  retainSegments: number({ integer: true, min: 2, max: 1_000_000 }),
  checkpointEvery: shape<NonNullable<FileAuditSinkOptions['checkpointEvery']>>({
    records: number({ integer: true, min: 10, max: 1_000_000 }),
    seconds: number({ min: 0.01, max: 86_400 }),
  }),
  fsync: oneOf('batch', 'never'),
  onCheckpoint: callable,
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
  readonly maxBatchEvents: number;
  private readonly directory: string;
  private readonly log: FileChain;

  /**
   * @throws OptionsError if an option is wrong. The directory is opened with the first event.
   * @param files A disk of a test. @internal
   */
  constructor(options: FileAuditSinkOptions, files: ChainFs = nodeFs, now: () => number = monotonicNow) {
    checkFileAuditSinkOptions(options, 'FileAuditSink');
    string(options.directory, 'FileAuditSink.directory');
    const { directory, instance, signingKey, ratchetKey, checkpointEvery = {}, fsync = 'batch' } = options;
    const { maxSegmentBytes, maxSegmentSeconds, retainSegments, onCheckpoint } = options;
    this.durable = fsync === 'batch';
    this.directory = directory;
    this.maxBatchEvents = Math.min(checkpointEvery.records ?? DEFAULT_CHECKPOINT_RECORDS, 2048);
    this.log = new FileChain(
      {
        directory,
        instance,
        maxSegmentBytes: maxSegmentBytes ?? 67_108_864,
        maxSegmentSeconds: maxSegmentSeconds ?? 86_400,
        retainSegments,
        fsync,
        records: checkpointEvery.records ?? DEFAULT_CHECKPOINT_RECORDS,
        seconds: checkpointEvery.seconds ?? 1,
        onCheckpoint,
        signingKey: signingKey === undefined ? undefined : signingKeyOf(signingKey, 'FileAuditSink.signingKey'),
        ratchetKey: ratchetKey === undefined ? undefined : ratchetKeyOf(ratchetKey, 'FileAuditSink.ratchetKey'),
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
    if (events.length > 0) await this.log.append(events.map(safe), false);
  }

  /** As `write`, and says of each event where it lies. */
  append(events: readonly AuditEvent[]): Promise<readonly AuditReceipt[]> {
    return this.log.append(events.map(safe), true);
  }

  /** @internal */
  appendSafe(events: readonly SafeEvent[], wantsReceipts: boolean): Promise<readonly AuditReceipt[]> {
    return this.log.append(events, wantsReceipts);
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
    this.drainSafeSync(events.map(safe));
  }

  /** @internal */
  drainSafeSync(events: readonly SafeEvent[]): void {
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

/** Somebody may call the sink without a logger. */
const safe = (event: AuditEvent): SafeEvent => SafeEvent.ofJson(serialize(event));
