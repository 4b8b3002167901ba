// One variant of bench/audit.mjs in a process of its own: node child.mjs VARIANT FOLDER EVENTS
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { eventAt } from './events.mjs';
import { variants } from './variants.mjs';

const [name, folder, count] = process.argv.slice(2);
const EVENTS = Number(count);
const CHUNK = 200;
const PACED_MS = 3000;
const PER_MS = 5;

const events = Array.from({ length: 4096 }, (_, index) => eventAt(index));
const tick = () => new Promise((resolve) => setImmediate(resolve));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const keepAlive = setInterval(() => undefined, 1000);
const result = {};

/** Of the main thread, in ms: its processor time where Linux tells, which no other process on the machine changes. */
const SCHEDULED = `/proc/self/task/${process.pid}/schedstat`;
const mainMs = existsSync(SCHEDULED)
  ? () => Number(readFileSync(SCHEDULED, 'latin1').split(' ')[0]) / 1e6
  : () => performance.eventLoopUtilization().active;

/** As fast as the variant takes them; a slow one gets fewer. */
async function burst(variant) {
  const total = variant.isSlow ? Math.round(EVENTS / 20) : EVENTS;
  for (let index = 0; index < 2000; index++) {
    variant.log(events[index & 4095]);
    if (index % CHUNK === 0) await tick();
  }
  await variant.flush();
  const before = mainMs();
  const start = performance.now();
  const inCalls = [];
  for (let index = 0; index < total;) {
    const from = performance.now();
    for (const end = index + CHUNK; index < end; index++) variant.log(events[index & 4095]);
    inCalls.push(performance.now() - from);
    await tick();
    if (index % 20_000 === 0) await variant.breathe?.();
  }
  await variant.flush();
  const ms = performance.now() - start;
  const active = mainMs() - before;
  Object.assign(result, {
    callerNs: (inCalls.toSorted((a, b) => a - b)[inCalls.length >> 1] / CHUNK) * 1e6,
    mainNs: (active / total) * 1e6,
    perSecond: (total / ms) * 1000,
  });
}

/** 5,000 a second for three seconds; an idle process is measured the same way. */
async function paced(variant) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const start = performance.now();
  let done = 0;
  delay.enable();
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const ms = performance.now() - start;
      for (; done < ms * PER_MS; done++) variant.log(events[done & 4095]);
      if (ms < PACED_MS) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  delay.disable();
  await variant.flush();
  result.p99Ms = delay.percentile(99) / 1e6;
}

async function acknowledged(variant) {
  if (variant.append === undefined) return;
  const waits = [];
  for (let index = 0; index < 100; index++) {
    const from = performance.now();
    await variant.append(events[index]);
    waits.push(performance.now() - from);
    await pause(10);
  }
  result.ackMs = waits.toSorted((a, b) => a - b)[50];
}

const open = (how, variant = name) => variants[variant](join(folder, how));
if (name !== 'idle') {
  // Where a sink hangs there is no burst to measure, only code to warm up: the same as without that sink.
  const hangs = name.includes('hangs');
  const variant = await open('burst', hangs ? 'AuditLogger, durable chain' : name);
  await burst(variant);
  if (hangs) for (const key of Object.keys(result)) delete result[key];
  else await acknowledged(variant);
  await variant.close?.();
  if (variant.file !== undefined && statSync(variant.file).size === 0) throw new Error('nothing was written');
}
const rotating = await open('paced');
await paced(rotating);
await rotating.close?.();
clearInterval(keepAlive);
process.stderr.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
