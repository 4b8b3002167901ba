// The slices that the contenders of bench/audit.mjs take turns in.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { eventAt } from './events.mjs';
import { mainClock } from './main-clock.mjs';

const CALLS = 50;
const CALLS_PER_TURN = 200;
const PACED_MS = 1000;
const PER_MS = 5;
const APPENDS = 40;
/** About what a record of one event has. */
const RECORD_BYTES = 760;

const events = Array.from({ length: 4096 }, (_, index) => eventAt(index));
const mainMs = mainClock();
let next = 0;
const event = () => events[next++ & 4095];
const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];

/** As fast as the variant takes them, until the last one is written. */
export async function burst(variant, count) {
  const calls = [];
  const [mainBefore, start] = [mainMs(), performance.now()];
  for (let done = 0; done < count;) {
    for (let inTurn = 0; inTurn < CALLS_PER_TURN; inTurn += CALLS) {
      const from = performance.now();
      for (let call = 0; call < CALLS; call++) variant.log(event());
      calls.push(performance.now() - from);
    }
    done += CALLS_PER_TURN;
    await turn();
  }
  await variant.flush();
  const ms = performance.now() - start;
  return {
    caller: (quantile(calls, 0.5) / CALLS) * 1e6,
    main: ((mainMs() - mainBefore) / count) * 1e6,
    perSecond: (count / ms) * 1000,
  };
}

/** 5,000 a second. An idle process is measured the same way. */
export async function paced(variant) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const work = [];
  const start = performance.now();
  delay.enable();
  let worked = mainMs();
  // Whatever the main thread does in one go lies between two of these.
  const ticks = setInterval(() => {
    const now = mainMs();
    work.push(now - worked);
    worked = now;
  }, 1);
  await new Promise((resolve) => {
    let done = 0;
    const timer = setInterval(() => {
      const ms = performance.now() - start;
      for (; done < ms * PER_MS; done++) variant.log(event());
      if (ms < PACED_MS) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  clearInterval(ticks);
  delay.disable();
  await variant.flush();
  return { delay: delay.percentile(99) / 1e6, work: quantile(work, 0.99), longest: quantile(work, 1) };
}

/** One after the other, and between them the disk alone: the same bytes written and synced at once, by nobody else. */
export async function acknowledged(variant, folder) {
  const [acknowledgements, disk] = [[], []];
  const file = join(folder, 'disk');
  const fd = openSync(file, 'w');
  const bytes = Buffer.alloc(RECORD_BYTES, 'x');
  for (let index = 0; index < APPENDS; index++) {
    await pause(5);
    const from = performance.now();
    await variant.append(event());
    acknowledgements.push(performance.now() - from);
    await pause(5);
    const before = performance.now();
    writeSync(fd, bytes, 0, bytes.length, index * bytes.length);
    fdatasyncSync(fd);
    disk.push(performance.now() - before);
  }
  closeSync(fd);
  rmSync(file);
  const [acknowledgement, alone] = [quantile(acknowledgements, 0.5), quantile(disk, 0.5)];
  return { acknowledgement, added: acknowledgement - alone };
}
