// Cuts the power of a file system under a writer again and again and looks for every event that was confirmed to it.
// Needs root and Linux: an ext4 file system in a file, mounted through a loop device. The writer is stopped, the file is
// copied as it is, without any sync, and the copy is mounted, which replays its journal: what a machine finds after
// its power came back.
// usage: npm run proof:power-cut [-- RUNS]   (20 by default; builds the package)
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST, pause, startWriter, storedIndexes, writeKeys } from './lib.mjs';

const RUNS = Number(process.argv[2] ?? 20);
if (process.getuid?.() !== 0 || process.platform !== 'linux') {
  console.error('power-cut mounts file systems: run it as root, on Linux.');
  process.exit(3);
}

const tryTo = (command, ...args) => spawnSync(command, args, { encoding: 'utf8' });
const run = (command, ...args) => {
  const { status, stderr } = tryTo(command, ...args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
};

const { verifyAuditLog } = await import(pathToFileURL(join(DIST, 'index.js')));
const home = mkdtempSync(join(tmpdir(), 'audit-power-cut-'));
const proof = writeKeys(home);
const total = { acknowledged: 0, lost: 0, tampered: 0 };

for (let cut = 0; cut < RUNS; cut++) {
  const [image, copy, disk] = ['disk.img', 'copy.img', 'disk'].map((name) => join(home, name));
  mkdirSync(disk, { recursive: true });
  run('truncate', '-s', '96M', image);
  run('mkfs.ext4', '-q', '-F', image);
  run('mount', '-o', 'loop', image, disk);
  let writer;
  try {
    mkdirSync(join(disk, 'log'));
    run('sync', '-f', disk);
    writer = startWriter(join(disk, 'log'), home, 0);
    await writer.begun;
    await pause(100 + Math.random() * 400);
    writer.child.kill('SIGSTOP');
    // What it had confirmed before it was stopped is in the pipe.
    await pause(50);
    const acknowledged = [...writer.acknowledged];
    copyFileSync(image, copy);
    writer.child.kill('SIGKILL');
    await writer.closed;
    run('umount', disk);
    run('mount', '-o', 'loop', copy, disk);
    const stored = storedIndexes(join(disk, 'log'));
    const lost = acknowledged.filter((index) => !stored.has(index));
    const { verdict, problems } = await verifyAuditLog(join(disk, 'log'), proof);
    total.acknowledged += acknowledged.length;
    total.lost += lost.length;
    if (verdict === 'tampered') {
      total.tampered++;
      console.error('a false alarm:', problems[0]);
    }
    console.log(`${cut + 1} of ${RUNS}: ${acknowledged.length} confirmed, ${lost.length} lost, the log is ${verdict}`);
  } finally {
    writer?.child.kill('SIGKILL');
    await writer?.closed;
    tryTo('umount', disk);
  }
}
rmSync(home, { recursive: true });
console.log(
  `${RUNS} power cuts: ${total.acknowledged} events confirmed, ${total.lost} of them lost, ${total.tampered} false alarms`,
);
if (total.lost > 0 || total.tampered > 0) process.exit(1);
