import type { AuditEvent, AuditReceipt } from './audit-event.js';
import type { SafeEvent } from './safe-event.js';

/**
 * Where audit events go. Each sink has its own queue: one that is slow, throws, rejects or hangs touches nothing but
 * itself.
 *
 * @example
 * ```ts
 * class PostgresAuditSink implements AuditSink {
 *   readonly name = 'postgres';
 *   constructor(private readonly pool: { query(sql: string, values: unknown[]): Promise<unknown> }) {}
 *   async write(events: readonly AuditEvent[]): Promise<void> {
 *     await this.pool.query('INSERT INTO audit SELECT * FROM json_array_elements($1)', [JSON.stringify(events)]);
 *   }
 * }
 * ```
 */
export interface AuditSink {
  /** Shown in `AuditStatus`. Default: the name of its class. */
  readonly name?: string | undefined;
  /**
   * Takes a batch, in order. Called again only when the last call has settled, or has not within 5 seconds. A throw or
   * a rejection means that nothing of the batch was taken: it is offered again, so each event arrives at least once.
   *
   * @param places Where a file chain is among the sinks: for each event its place in the chain, which is its idempotency
   * key, the same whenever the event is offered again. `undefined` for an event that the chain does not have: the log's
   * own, and what is sent on while the disk fails.
   */
  write(events: readonly AuditEvent[], places?: readonly (AuditPosition | undefined)[]): void | Promise<void>;
  /** Resolves when everything written so far has left the process. */
  flush?(): Promise<void>;
  /** Called once, at shutdown, after the last write. */
  close?(): Promise<void>;
}

/** Events that were lost before they reached a sink: a chain keeps a record of it. */
export interface AuditGap {
  readonly reason: string;
  readonly count: number;
  /** The first and the last loss, ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** A place in a chain: everything of that chain up to this number has been dealt with. */
export type AuditPosition = Pick<AuditReceipt, 'chain' | 'seq'>;

/** An event as it lies in a chain. `chain` and `seq` together are its idempotency key: they never name another event. */
export interface StoredAuditEvent extends AuditReceipt {
  readonly event: AuditEvent;
}

/** A sink that can say of each event where it lies on disk. Known by its methods, never by its class. */
export interface DurableAuditSink extends AuditSink {
  /** Whether `append` may be asked; `false` where the sink does not wait for the disk. */
  readonly durable: boolean;
  /** Most events of one `write` or `append`, so that what is written at once has a checkpoint of its own. */
  readonly maxBatchEvents: number;
  /** The chain that this process writes. */
  readonly chain: string;
  /** As `write`, with the receipts, one for each event. */
  append(events: readonly AuditEvent[]): Promise<readonly AuditReceipt[]>;
  /** At the exit of the process: everything in flight and these events, synchronously, and the end. */
  drainSync(events: readonly AuditEvent[]): void;
  /** Instead of `append` and `drainSync`, where the sink takes events as the JSON that they are already. */
  appendSafe?(events: readonly SafeEvent[], wantsReceipts: boolean): Promise<readonly AuditReceipt[]>;
  drainSafeSync?(events: readonly SafeEvent[]): void;
  /** Tells of a loss; becomes a signed `audit.gap` record in front of the next batch, or at `flush` and `close`. */
  noteGap(gap: AuditGap): void;
  /**
   * What of the logger's options decides what the trail holds, without secrets. Called once, before the first event:
   * kept with its hash in the chain's `audit.config` record.
   */
  noteConfig(config: Readonly<Record<string, unknown>>): void;
  /**
   * The application's events behind this place that are safely stored, in the order of the chains' starts and of their
   * numbers, those of earlier processes of this host first; without a place, from the oldest that retention has left.
   * Ends with the last one stored: another sink that was away resumes from here.
   */
  read(after?: AuditPosition): AsyncIterable<StoredAuditEvent>;
}

export function isDurableSink(sink: AuditSink): sink is DurableAuditSink {
  const { append, drainSync, noteGap } = sink as Partial<DurableAuditSink>;
  return typeof append === 'function' && typeof drainSync === 'function' && typeof noteGap === 'function';
}
