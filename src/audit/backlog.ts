import { isSecurityEvent } from './audit-event.js';
import type { QueuedEvent } from './audit-queue.js';
import type { AuditPosition, DurableAuditSink, StoredAuditEvent } from './audit-sink.js';
import { SafeEvent } from './safe-event.js';
import { serialize } from './serialize.js';

/** One reading of the chain, which ends with what was stored when it began. */
interface Reading {
  readonly events: AsyncIterator<StoredAuditEvent>;
  readonly through: number;
}

/**
 * What a sink has missed of a chain: the queue had no room for it, but the chain has stored it. Only the places of the
 * first and the last are kept, however many there are.
 */
export class Backlog {
  private spilled = 0;
  /** The place in front of the first. */
  private after: AuditPosition | undefined;
  private through = 0;
  private reading: Reading | undefined;
  /** The chain has been read up to here, and had no more. */
  private exhausted = 0;

  constructor(private readonly chain: Pick<DurableAuditSink, 'read'>) {}

  /** How many have not been read back yet. */
  get count(): number {
    return this.after === undefined ? 0 : Math.max(1, this.spilled);
  }

  /** In the order of their numbers. */
  readonly add = ({ chain, seq }: AuditPosition): void => {
    this.after ??= { chain, seq: seq - 1 };
    this.through = seq;
    this.spilled++;
  };

  /** The next of them; none if the chain has none left. Whatever it throws, it goes on from the same place. */
  async next(maxEvents: number, maxBytes: number): Promise<readonly QueuedEvent[]> {
    const items: QueuedEvent[] = [];
    try {
      for (let bytes = 0; items.length < maxEvents && bytes < maxBytes;) {
        const stored = await this.read(items.at(-1)?.filing?.position);
        if (stored === undefined) break;
        const { event, chain, seq } = stored;
        const filing = { isSettled: true, position: { chain, seq } };
        const safe = SafeEvent.ofJson(serialize(event), isSecurityEvent(event));
        items.push({ event: safe, acknowledgement: undefined, filing });
        bytes += safe.size;
      }
      return items;
    } catch (error) {
      this.reading = undefined;
      throw error;
    }
  }

  /** These are in the sink's hands now. Returns how many the chain turned out not to have any more. */
  taken(items: readonly QueuedEvent[]): number {
    const last = items.at(-1)?.filing?.position;
    this.spilled = Math.max(0, this.spilled - items.length);
    this.after = last ?? this.after;
    // More may have been added since these were read.
    if ((last?.seq ?? this.exhausted) < this.through) return 0;
    const missing = this.spilled;
    this.clear();
    return missing;
  }

  clear(): void {
    this.spilled = 0;
    this.after = undefined;
    this.stopReading();
  }

  private stopReading(): void {
    void this.reading?.events.return?.().catch(() => undefined);
    this.reading = undefined;
  }

  private async read(last: AuditPosition | undefined): Promise<StoredAuditEvent | undefined> {
    for (;;) {
      const after = last ?? this.after;
      if (after === undefined || after.seq >= this.through) return undefined;
      this.reading ??= { events: this.chain.read(after)[Symbol.asyncIterator](), through: this.through };
      const { done, value } = await this.reading.events.next();
      if (done === true) {
        const { through } = this.reading;
        this.reading = undefined;
        if (through < this.through) continue;
      } else if (value.chain !== after.chain) {
        continue;
      } else if (value.seq <= this.through) {
        return value;
      }
      // What lies behind is still in the queue.
      this.stopReading();
      this.exhausted = this.through;
      return undefined;
    }
  }
}
