import type { AuditEvent, AuditSink } from 'nestjs-auth-services';

/** A sink of one's own: batches go to an address. What `post` rejects is offered again. */
export class WebhookAuditSink implements AuditSink {
  readonly name = 'webhook';

  constructor(private readonly post: (body: string) => Promise<void>) {}

  async write(events: readonly AuditEvent[]): Promise<void> {
    await this.post(JSON.stringify(events));
  }
}
