import { DEFAULT_QUEUE, type AuditOptions } from './audit.options.js';
import { isDurableSink, type AuditSink } from './audit-sink.js';
import { SINK_SETTINGS, type SinkSettings } from './sink-settings.js';
import { SinkWorker, type SinkListener } from './sink-worker.js';
import { CallbackAuditSink } from './sinks/callback-audit-sink.js';
import { ConsoleAuditSink } from './sinks/console-audit-sink.js';

/**
 * A disk takes every event in the end, and one sync costs the same for many of them: what nobody waits for is gathered
 * for some milliseconds.
 */
const DURABLE_SETTINGS = { attempts: Infinity, maxBackoffMs: 1000, gatherMs: 5 };

/** A worker for each place that the options name. */
export function sinkWorkers(
  { logToConsole, logCallback, sinks = [], queue = {} }: AuditOptions,
  settings: Partial<Omit<SinkSettings, 'name' | 'queue'>>,
  listener: SinkListener,
): readonly SinkWorker[] {
  const limits = {
    maxEvents: queue.maxEvents ?? DEFAULT_QUEUE.maxEvents,
    maxBytes: queue.maxBytes ?? DEFAULT_QUEUE.maxBytes,
    whenFull: queue.whenFull ?? DEFAULT_QUEUE.whenFull,
  };
  const names = new Map<string, number>();
  const worker = (sink: AuditSink, own: Partial<SinkSettings> = {}): SinkWorker => {
    const name = numbered(names, sink.name ?? (sink.constructor?.name || 'sink'));
    const patient = isDurableSink(sink) ? { ...DURABLE_SETTINGS, batchEvents: sink.maxBatchEvents } : {};
    return new SinkWorker(sink, { ...SINK_SETTINGS, ...patient, ...settings, ...own, name, queue: limits }, listener);
  };
  return [
    ...((logToConsole ?? (logCallback === undefined && sinks.length === 0)) ? [worker(new ConsoleAuditSink())] : []),
    ...(logCallback ? [worker(new CallbackAuditSink(logCallback), { batchEvents: 1, attempts: 1, backoffMs: 0 })] : []),
    ...sinks.map((sink) => worker(sink, { isTrail: !(sink instanceof ConsoleAuditSink) })),
  ];
}

function numbered(names: Map<string, number>, name: string): string {
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name}-${count}`;
}
