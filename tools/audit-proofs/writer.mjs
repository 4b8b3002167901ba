// A process that appends audit events as fast as they are confirmed, and tells of each confirmation on descriptor 3.
// usage: node writer.mjs DIST DIRECTORY KEYS FIRST   (FIRST: the first event's number)
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, directory, keys, first] = process.argv.slice(2);
const { AuditLogger, FileAuditSink } = await import(pathToFileURL(join(dist, 'index.js')));

const sink = new FileAuditSink({
  directory,
  signingKey: readFileSync(join(keys, 'audit-signing.pem')),
  ratchetKey: readFileSync(join(keys, 'audit-ratchet.key')),
  maxSegmentBytes: 262_144,
  checkpointEvery: { records: 100, seconds: 0.02 },
});
const logger = new AuditLogger({ sinks: [sink] });

let index = Number(first);
const acknowledged = Buffer.alloc(4);
async function append() {
  for (;;) {
    const mine = index++;
    await logger.append({ eventType: 'order_paid', userId: `user-${mine % 100}`, metadata: { index: mine } });
    acknowledged.writeUInt32LE(mine);
    writeSync(3, acknowledged);
    // Bursts and pauses, so that it dies in every state.
    if (mine % 50 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
  }
}
for (let client = 0; client < 24; client++) void append();
