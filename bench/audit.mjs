// What an audit event costs, beside its peers, in one run: node bench/audit.mjs [--rounds 5] [--events 60000] [--only NAME]
//
// Every variant runs in a process of its own, the variants of a round one after the other, so that noise hits all alike;
// what counts is the ratio of the medians. The events are the same for all, about 500 bytes as JSON, built beforehand.
//   caller   time inside the call, ns an event, median of the stretches of 200 calls
//   main     processor time of the main thread (where Linux tells it; else active time of the event loop), ns an event, all
//            work of writing included
//   events/s until the last one is written (durable variants: synced)
//   p99      of the event loop's delay at 5,000 events a second, ms; the chain rotates and prunes all the time, and in a
//            variant of its own another sink never answers
//   ack      median wait for an acknowledgement at 100 events a second, ms
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const ROUNDS = Number(argument('rounds', 5));
const EVENTS = argument('events', '60000');
const ONLY = argument('only', '');
const CHILD = fileURLToPath(new URL('audit/child.mjs', import.meta.url));

const VARIANTS = [
  'idle',
  'pino, async',
  'evlog, signed chain',
  'durable chain alone',
  'AuditLogger, durable chain',
  'AuditLogger, a sink hangs beside',
].filter((name) => name === 'idle' || name === 'pino, async' || name.includes(ONLY));
const YARDSTICK = 'pino, async';

function measure(name) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-audit-'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, name, folder, EVENTS], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('close', (code) => {
      rmSync(folder, { recursive: true, force: true });
      if (code === 0) resolve(JSON.parse(said.trim().split('\n').at(-1)));
      else reject(new Error(`${name}: ${said}`));
    });
  });
}

const median = (values) => {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return sorted.length === 0 ? undefined : sorted[Math.floor(sorted.length / 2)];
};

const results = new Map(VARIANTS.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const name of VARIANTS) results.get(name).push(await measure(name));
}
const of = (name, field) => median(results.get(name).map((result) => result[field]));
const ratio = (name, field) => {
  const [mine, theirs] = [of(name, field), of(YARDSTICK, field)];
  return mine === undefined ? '' : `${Math.round(mine)} (${(mine / theirs).toFixed(2)}x)`;
};
const fixed = (value) => value?.toFixed(2) ?? '';
console.table(
  Object.fromEntries(
    VARIANTS.map((name) => [
      name,
      {
        'caller ns': ratio(name, 'callerNs'),
        'main ns': ratio(name, 'mainNs'),
        'events/s': of(name, 'perSecond') === undefined ? '' : Math.round(of(name, 'perSecond')),
        'p99 ms': fixed(of(name, 'p99Ms')),
        'ack ms': fixed(of(name, 'ackMs')),
      },
    ]),
  ),
);
const evlog = 'evlog, signed chain';
for (const name of VARIANTS.filter((each) => each.includes('durable') || each.includes('hangs'))) {
  const facts = [
    of(name, 'mainNs') !== undefined &&
      `main thread ${(of(name, 'mainNs') / of(YARDSTICK, 'mainNs')).toFixed(2)}x ${YARDSTICK}`,
    of(name, 'perSecond') !== undefined &&
      results.has(evlog) &&
      `${(of(name, 'perSecond') / of(evlog, 'perSecond')).toFixed(0)}x ${evlog} in events/s`,
    `event loop p99 ${(of(name, 'p99Ms') - of('idle', 'p99Ms')).toFixed(2)} ms over idle, rotating`,
    of(name, 'ackMs') !== undefined && `an acknowledgement takes ${fixed(of(name, 'ackMs'))} ms`,
  ];
  console.log(`${name}: ${facts.filter(Boolean).join('; ')}`);
}
