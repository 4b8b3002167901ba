import type { AuditEvent, AuditReceipt } from './audit-event.js';

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
  /** Shown in {@link AuditStatus}. Default: the name of its class. */
  readonly name?: string | undefined;
  /**
   * Takes a batch, in order. Called again only when the last call has settled, or has not within 5 seconds. A throw or
   * a rejection means that nothing of the batch was taken: it is offered again, so each event arrives at least once.
   */
  write(events: readonly AuditEvent[]): void | Promise<void>;
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

/** A sink that can say of each event where it lies on disk. Known by its methods, never by its class. */
export interface DurableAuditSink extends AuditSink {
  /** Whether `append` may be asked; `false` where the sink does not wait for the disk. */
  readonly durable: boolean;
  /** As `write`, with the receipts, one for each event. */
  append(events: readonly AuditEvent[]): Promise<readonly AuditReceipt[]>;
  /** At the exit of the process: everything in flight and these events, synchronously, and the end. */
  drainSync(events: readonly AuditEvent[]): void;
  /** Tells of a loss; written in front of the next batch. */
  noteGap(gap: AuditGap): void;
}

export function isDurableSink(sink: AuditSink): sink is DurableAuditSink {
  const { append, drainSync, noteGap } = sink as Partial<DurableAuditSink>;
  return typeof append === 'function' && typeof drainSync === 'function' && typeof noteGap === 'function';
}
