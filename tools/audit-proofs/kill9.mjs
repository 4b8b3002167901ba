// Kills a writer with SIGKILL again and again and looks for every event that was confirmed to it.
// usage: npm run proof:kill9 [-- RUNS]   (200 by default; builds the package)
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST, pause, startWriter, storedIndexes, writeKeys } from './lib.mjs';

const RUNS = Number(process.argv[2] ?? 200);
/** So many starts share a directory, each after the crash of the one before. */
const STARTS = 10;

const { verifyAuditLog } = await import(pathToFileURL(join(DIST, 'index.js')));
const home = mkdtempSync(join(tmpdir(), 'audit-kill9-'));
const proof = writeKeys(home);
const total = { acknowledged: 0, lost: 0, tampered: 0, unacknowledged: 0 };

for (let run = 0; run < RUNS;) {
  const directory = join(home, `log-${run}`);
  mkdirSync(directory);
  const expected = new Set();
  for (let start = 0; start < STARTS && run < RUNS; start++, run++) {
    const writer = startWriter(directory, home, run * 1_000_000);
    await writer.begun;
    await pause(Math.random() * 250);
    writer.child.kill('SIGKILL');
    await writer.closed;
    for (const index of writer.acknowledged) expected.add(index);
  }
  const stored = storedIndexes(directory);
  const lost = [...expected].filter((index) => !stored.has(index));
  const { verdict, problems } = await verifyAuditLog(directory, proof);
  total.acknowledged += expected.size;
  total.lost += lost.length;
  total.unacknowledged += stored.size - expected.size + lost.length;
  if (verdict === 'tampered') {
    total.tampered++;
    console.error('a false alarm:', problems[0]);
  }
  console.log(`${run} of ${RUNS}: ${expected.size} confirmed, ${lost.length} lost, the log is ${verdict}`);
  if (lost.length === 0 && verdict !== 'tampered') rmSync(directory, { recursive: true });
}
console.log(
  `${RUNS} kills: ${total.acknowledged} events confirmed, ${total.lost} of them lost, ` +
    `${total.unacknowledged} more arrived unconfirmed, ${total.tampered} false alarms`,
);
if (total.lost > 0 || total.tampered > 0) process.exit(1);
rmSync(home, { recursive: true });
