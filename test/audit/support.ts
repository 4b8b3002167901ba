import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { AuditEntry, AuditEvent } from '../../src/audit/audit-event.js';
import type { AuditSink } from '../../src/audit/audit-sink.js';

/** A directory of this spec's own, removed at its end. */
export function ownDirectory(): () => string {
  const made: string[] = [];
  afterAll(() => {
    for (const directory of made) rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    const directory = mkdtempSync(join(tmpdir(), 'audit-spec-'));
    made.push(directory);
    return directory;
  };
}

export const entry = (index = 0, more: Partial<AuditEntry> = {}): AuditEntry => ({
  eventType: 'request_success',
  metadata: { index },
  ...more,
});

export const event = (index = 0, more: Partial<AuditEvent> = {}): AuditEvent => ({
  timestamp: '2026-01-01T00:00:00.000Z',
  eventType: 'request_success',
  metadata: { index },
  ...more,
});

/** What a sink got, and in which calls. */
export class PlainSink implements AuditSink {
  readonly calls: (readonly AuditEvent[])[] = [];

  get events(): readonly AuditEvent[] {
    return this.calls.flat();
  }

  write(events: readonly AuditEvent[]): void | Promise<void> {
    this.calls.push(events);
  }
}

/** One turn of the event loop, and what it started. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
