import { isDeepStrictEqual } from 'node:util';
import type { AuditDetails, AuditEvent } from '../audit/audit-event.js';
import type { AuditSink } from '../audit/audit-sink.js';

const OWN_EVENTS: ReadonlySet<string> = new Set(['audit.start', 'audit.config', 'audit.gap', 'audit.stop']);

/**
 * Keeps every event, for tests. It gets each event inside the call of `log`, so nothing has to be waited for after
 * it; the event of a request is written when its response has ended, which a client may hear of a little earlier: use
 * {@link RecordingAuditSink.waitFor} there.
 *
 * A match compares the fields it names; of `metadata`, the keys it names.
 *
 * @example
 * ```ts
 * const sink = new RecordingAuditSink();
 * const audit = new AuditLogger({ sinks: [sink] });
 * audit.logAuthFailure('expired_token', { userId: 'ann' });
 * sink.assertLogged('auth_failure', { reason: 'expired_token' });
 * ```
 */
export class RecordingAuditSink implements AuditSink {
  readonly name = 'recording';
  /** Asks for the event at once. @internal */
  readonly immediate = true;
  private recorded: AuditEvent[] = [];
  private waiting: (() => void)[] = [];

  get events(): readonly AuditEvent[] {
    return this.recorded;
  }

  /** What the log says of itself: `audit.start`, `audit.config`, `audit.gap`, `audit.stop`. Kept apart, and by `clear`. */
  readonly own: AuditEvent[] = [];

  write(events: readonly AuditEvent[]): void {
    for (const event of events) (OWN_EVENTS.has(event.eventType) ? this.own : this.recorded).push(event);
    for (const look of this.waiting) look();
  }

  /** The first event of this type that matches. */
  find(eventType: string, match: AuditDetails = {}): AuditEvent | undefined {
    return this.recorded.find((event) => event.eventType === eventType && matches(event, match));
  }

  /** @throws Error that lists what was logged, if there is no such event. */
  assertLogged(eventType: string, match: AuditDetails = {}): AuditEvent {
    const found = this.find(eventType, match);
    if (found === undefined) throw new Error(`No audit event ${shown(eventType, match)}. ${this.listed()}`);
    return found;
  }

  /** @throws Error that shows the event, if there is one. */
  assertNotLogged(eventType: string, match: AuditDetails = {}): void {
    const found = this.find(eventType, match);
    if (found !== undefined) throw new Error(`An audit event ${shown(eventType, match)}: ${JSON.stringify(found)}`);
  }

  /** The event as soon as there is one; rejects, with what was logged, after `timeoutMs`. */
  waitFor(eventType: string, match: AuditDetails = {}, timeoutMs = 2000): Promise<AuditEvent> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.waiting = this.waiting.filter((other) => other !== look);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`No audit event ${shown(eventType, match)} within ${timeoutMs} ms. ${this.listed()}`));
      }, timeoutMs);
      const look = (): void => {
        const found = this.find(eventType, match);
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      this.waiting.push(look);
      look();
    });
  }

  /** Forgets everything recorded. */
  clear(): void {
    this.recorded = [];
  }

  private listed(): string {
    if (this.recorded.length === 0) return 'None was logged.';
    return `Logged were:\n${this.recorded.map((event) => JSON.stringify(event)).join('\n')}`;
  }
}

function matches(event: AuditEvent, match: AuditDetails): boolean {
  return Object.entries(match).every(([field, wanted]) => {
    const found = event[field as keyof AuditEvent];
    if (field !== 'metadata' || !isObject(wanted) || !isObject(found)) return isDeepStrictEqual(found, wanted);
    return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(found[key], value));
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(eventType: string, match: AuditDetails): string {
  return Object.keys(match).length === 0 ? eventType : `${eventType} ${JSON.stringify(match)}`;
}
