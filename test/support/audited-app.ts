import { AuditLogger, type AuditEvent } from '../../src/index.js';
import type { RecordingAuditSink } from '../../src/testing/index.js';
import { until, type RunningApp } from './app.js';

/**
 * The events of the trail once there are as many as expected, and after another request has had the time to add one
 * too many by mistake. That request is not among them.
 */
export async function settledEvents(
  { app, url }: RunningApp,
  sink: RecordingAuditSink,
  expected = 1,
): Promise<readonly AuditEvent[]> {
  const logger = app.get(AuditLogger);
  await until(() => sink.events.length >= expected, `${expected} events are logged`);
  await (await fetch(`${url}/o/text?last`)).text();
  await until(() => sink.events.length > expected, 'the next event is logged');
  await logger.flush();
  return sink.events.slice(0, -1);
}
