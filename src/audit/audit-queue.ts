import type { AuditReceipt } from './audit-event.js';
import type { AuditPosition } from './audit-sink.js';
import type { Filing } from './filing.js';
import type { SafeEvent } from './safe-event.js';

/** Whoever waits for an event to be durable. */
export interface Acknowledgement {
  /** The event stays in the queue when it cannot be durable yet; without this, whoever is told so finds it nowhere. */
  readonly isKept?: boolean | undefined;
  resolve(receipt: AuditReceipt): void;
  reject(error: Error): void;
}

export interface QueuedEvent {
  readonly event: SafeEvent;
  readonly acknowledgement: Acknowledgement | undefined;
  /** Only where a chain and a sink that follows it are told of the event. */
  readonly filing?: Filing | undefined;
}

export interface QueueLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly whenFull: 'drop-oldest' | 'drop-newest';
}

const RESERVED_SHARE = 0.1;
/** Of the log's own events that no chain has, and that wait in front of what is spilled. */
const MOST_OWN = 64;

/**
 * The events that wait for one sink, in order, bounded by number and by size. Failed authentications and denials have
 * a tenth for themselves, so that a flood of ordinary events cannot push them out; with `drop-oldest`, a flood of
 * them pushes out only their own kind once they use more than that tenth.
 */
export class AuditQueue {
  private readonly ordinary = new Lane();
  private readonly security = new Lane();
  /** What can be read back from no chain, where everything else can. */
  private readonly own = new Lane();
  private arrivals = 0;

  constructor(private readonly limits: QueueLimits) {}

  get length(): number {
    return this.ordinary.length + this.security.length + this.own.length;
  }

  get bytes(): number {
    return this.ordinary.bytes + this.security.bytes + this.own.bytes;
  }

  /**
   * Takes the event in, if need be at the cost of others; `dropped` is told of each that is lost, this one too. With
   * `spilled`, which is told of their places, those at the front that a chain has stored go first.
   */
  push(item: QueuedEvent, dropped: (item: QueuedEvent) => void, spilled?: (position: AuditPosition) => void): void {
    const { isSecurity } = item.event;
    const isOwn = spilled !== undefined && item.filing === undefined;
    const lane = isOwn ? this.own : isSecurity ? this.security : this.ordinary;
    if (isOwn && lane.length >= MOST_OWN) {
      dropped(item);
      return;
    }
    while (!this.hasRoom(item, isSecurity)) {
      if (spilled !== undefined && this.spill(dropped, spilled)) continue;
      const victim = this.limits.whenFull === 'drop-newest' ? undefined : this.victim(lane);
      if (victim === undefined) {
        dropped(item);
        return;
      }
      dropped(victim);
    }
    lane.push(item, this.arrivals++);
  }

  /** The next events, in the order of their arrival: at least one if there is any, then up to these bounds. */
  take(maxEvents: number, maxBytes: number, isReady?: (item: QueuedEvent) => boolean): QueuedEvent[] {
    const taken: QueuedEvent[] = [];
    let bytes = 0;
    while (taken.length < maxEvents) {
      const lane = this.own.firstArrival < this.oldest.firstArrival ? this.own : this.oldest;
      const next = lane.first;
      if (next === undefined || (taken.length > 0 && bytes + next.event.size > maxBytes)) break;
      if (isReady?.(next) === false) break;
      lane.shift();
      taken.push(next);
      bytes += next.event.size;
    }
    return taken;
  }

  private get oldest(): Lane {
    return this.ordinary.firstArrival < this.security.firstArrival ? this.ordinary : this.security;
  }

  /** Only from the front, so that what is read back from the chain lies in front of all that is still here. */
  private spill(dropped: (item: QueuedEvent) => void, spilled: (position: AuditPosition) => void): boolean {
    const lane = this.oldest;
    const { first } = lane;
    if (first?.filing === undefined || !first.filing.isSettled) return false;
    lane.shift();
    if (first.filing.position === undefined) dropped(first);
    else spilled(first.filing.position);
    return true;
  }

  private hasRoom(item: QueuedEvent, isSecurity: boolean): boolean {
    const { maxEvents, maxBytes } = this.limits;
    if (this.length + 1 > maxEvents || this.bytes + item.event.size > maxBytes) return false;
    if (isSecurity) return true;
    const share = 1 - RESERVED_SHARE;
    return this.ordinary.length + 1 <= maxEvents * share && this.ordinary.bytes + item.event.size <= maxBytes * share;
  }

  /** Who is over its share gives way; within the shares, the oldest of one's own kind. */
  private victim(lane: Lane): QueuedEvent | undefined {
    const { maxEvents, maxBytes } = this.limits;
    const share = RESERVED_SHARE;
    const isSecurityOver = this.security.length > maxEvents * share || this.security.bytes > maxBytes * share;
    const from = isSecurityOver ? this.security : this.ordinary;
    return from.shift() ?? lane.shift();
  }
}

/** First in, first out, without moving what is behind the first. */
class Lane {
  bytes = 0;
  private items: (QueuedEvent | undefined)[] = [];
  private arrivals: number[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  get first(): QueuedEvent | undefined {
    return this.items[this.head];
  }

  get firstArrival(): number {
    return this.head < this.arrivals.length ? this.arrivals[this.head]! : Infinity;
  }

  push(item: QueuedEvent, arrival: number): void {
    this.items.push(item);
    this.arrivals.push(arrival);
    this.bytes += item.event.size;
  }

  shift(): QueuedEvent | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.items[this.head++] = undefined;
    this.bytes -= item.event.size;
    if (this.head === this.items.length) {
      this.items = [];
      this.arrivals = [];
      this.head = 0;
    } else if (this.head >= 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.arrivals = this.arrivals.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}
