import type { Pool } from 'pg';
import type { AuditEvent, AuditPosition, AuditSink } from '../../src/index.js';

/** `json`, not `jsonb`: what a caller sent may hold U+0000, which `jsonb` refuses. */
export const AUDIT_TABLE = `
  CREATE TABLE IF NOT EXISTS audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_type text NOT NULL,
    user_id text,
    event json NOT NULL,
    chain text,
    seq bigint,
    UNIQUE (chain, seq)
  )`;

/**
 * One statement for each batch: all of it is stored, or nothing, and then the batch is offered again. Beside a file chain
 * each event has its place there: an event that comes twice is stored once.
 */
export class PostgresAuditSink implements AuditSink {
  readonly name = 'postgres';

  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  async write(events: readonly AuditEvent[], places: readonly (AuditPosition | undefined)[] = []): Promise<void> {
    await this.pool.query(
      `INSERT INTO audit_event (occurred_at, event_type, user_id, event, chain, seq)
       SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::json[], $5::text[], $6::bigint[])
       ON CONFLICT DO NOTHING`,
      [
        events.map(({ timestamp }) => timestamp),
        events.map(({ eventType }) => withoutNul(eventType)),
        events.map(({ userId }) => (userId === undefined ? null : withoutNul(userId))),
        events.map((event) => JSON.stringify(event)),
        events.map((_, index) => places[index]?.chain ?? null),
        events.map((_, index) => places[index]?.seq ?? null),
      ],
    );
  }
}

/** PostgreSQL's `text` cannot hold U+0000. */
const withoutNul = (text: string): string => text.replaceAll('\u0000', '\u{FFFD}');
