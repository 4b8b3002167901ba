import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditEntry } from './audit-event.js';
import { DEFAULT_EXCLUDED_PATHS, DEFAULT_QUEUE, type AuditOptions } from './audit.options.js';
import type { AuditGap } from './audit-sink.js';

/** What of the options decides what the trail holds, without secrets: functions and keys only by being there. */
export function configOf(options: AuditOptions, sinks: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    sinks,
    excludePaths: options.excludePaths ?? DEFAULT_EXCLUDED_PATHS,
    redact: options.redact ?? [],
    queryParameters: options.queryParameters ?? [],
    ipAddress: options.ipAddress ?? (options.pseudonymKey === undefined ? 'full' : 'hmac'),
    hasPseudonyms: options.pseudonymKey !== undefined,
    hasTransform: options.transform !== undefined,
    queue: { ...DEFAULT_QUEUE, ...options.queue },
  };
}

/** The trail begins: PCI DSS 10.2.1.6 asks for it, and for its end. */
export function startEvents(config: Readonly<Record<string, unknown>>): AuditEntry[] {
  const hash = createHash('sha256').update(JSON.stringify(config)).digest('base64url');
  return [
    { eventType: 'audit.start', metadata: { host: hostname(), pid: process.pid, node: process.version } },
    { eventType: 'audit.config', metadata: { hash, config } },
  ];
}

export const STOP_EVENT: AuditEntry = { eventType: 'audit.stop' };

/** A sink did not get so many events. */
export function gapEvent(sink: string, { reason, count, firstAt, lastAt }: AuditGap): AuditEntry {
  return { eventType: 'audit.gap', outcome: 'error', reason, metadata: { sink, count, firstAt, lastAt } };
}
