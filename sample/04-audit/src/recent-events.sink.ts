import type { AuditEvent, AuditSink } from 'nestjs-auth-services';

export interface EventQuery {
  readonly type?: string | undefined;
  readonly user?: string | undefined;
}

/** The last events, to be asked. A store of your own, a table for instance, has the same shape. */
export class RecentEventsSink implements AuditSink {
  readonly name = 'recent-events';
  private events: readonly AuditEvent[] = [];

  /** @param capacity How many are kept; bounded, because events come for as long as the process lives. */
  constructor(private readonly capacity = 1000) {}

  write(events: readonly AuditEvent[]): void {
    this.events = [...this.events, ...events].slice(-this.capacity);
  }

  /** The newest first. */
  find({ type, user }: EventQuery): AuditEvent[] {
    return this.events
      .filter((event) => type === undefined || event.eventType === type)
      .filter((event) => user === undefined || event.userId === user)
      .toReversed();
  }
}
