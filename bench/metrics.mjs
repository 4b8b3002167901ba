// What the collector costs beside the peers that count the same: `node bench/metrics.mjs`, after `npm run build`.
// Each contender runs in short slices that take turns, so that what else the machine does hits all of them alike; a figure
// is the least of its slices, for whatever else the machine does only adds time. A success is one counter and one duration; a failure one more counter, by error type.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MetricsCollector } from '../dist/esm/index.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

const SLICES = 81;
const SLICE_MS = 2;
const TYPES = ['expired_token', 'invalid_signature', 'malformed', 'unauthorized', 'key'];
/** The classic buckets that the collector has, so that all search the same. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MASK = 65_535;
const SHAPES = {
  lognormal: () => 5 * Math.exp(normal()),
  bimodal: () => (random() < 0.94 ? 0.08 * Math.exp(0.25 * normal()) : 150 * Math.exp(0.2 * normal())),
  'heavy-tailed': () => 1 / (1 - random()) ** (1 / 1.2),
};

let seed = 7;
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const MS = Float64Array.from({ length: MASK + 1 }, SHAPES.lognormal);
const SECONDS = MS.map((ms) => ms / 1000);

function ours() {
  const metrics = new MetricsCollector();
  return {
    name: 'MetricsCollector',
    success(n) {
      for (let i = 0; i < n; i++) metrics.recordValidationSuccess(MS[i & MASK]);
    },
    failure(n) {
      for (let i = 0; i < n; i++) metrics.recordValidationFailure(TYPES[i % 5], MS[i & MASK]);
    },
    async scrape(n) {
      for (let i = 0; i < n; i++) Buffer.from(metrics.toPrometheus());
    },
    async snapshot(n) {
      for (let i = 0; i < n; i++) metrics.getMetrics();
    },
    types(names) {
      for (const name of names) metrics.recordValidationFailure(name, 1);
    },
  };
}

function promClient(name, { Registry, Counter, Histogram }) {
  const registers = [new Registry()];
  const results = new Counter({ name: 'validations_total', help: 'h', labelNames: ['result'], registers });
  const errors = new Counter({ name: 'errors_total', help: 'h', labelNames: ['error_type'], registers });
  const times = new Histogram({ name: 'duration_seconds', help: 'h', buckets: BUCKETS, registers });
  const [success, failure] = [results.labels('success'), results.labels('failure')];
  return {
    name,
    success(n) {
      for (let i = 0; i < n; i++) {
        success.inc();
        times.observe(SECONDS[i & MASK]);
      }
    },
    failure(n) {
      for (let i = 0; i < n; i++) {
        failure.inc();
        errors.inc({ error_type: TYPES[i % 5] });
        times.observe(SECONDS[i & MASK]);
      }
    },
    async scrape(n) {
      for (let i = 0; i < n; i++) Buffer.from(await registers[0].metrics());
    },
    types(names) {
      for (const error_type of names) errors.inc({ error_type });
    },
  };
}

function openTelemetry({ MeterProvider, MetricReader }) {
  class Reader extends MetricReader {
    async onForceFlush() {}
    async onShutdown() {}
  }
  const reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('bench');
  const results = meter.createCounter('validations');
  const errors = meter.createCounter('errors');
  const advice = { explicitBucketBoundaries: BUCKETS };
  const times = meter.createHistogram('duration', { unit: 's', advice });
  const [success, failure] = [{ result: 'success' }, { result: 'failure' }];
  return {
    name: 'OpenTelemetry SDK',
    success(n) {
      for (let i = 0; i < n; i++) {
        results.add(1, success);
        times.record(SECONDS[i & MASK]);
      }
    },
    failure(n) {
      for (let i = 0; i < n; i++) {
        results.add(1, failure);
        errors.add(1, { error_type: TYPES[i % 5] });
        times.record(SECONDS[i & MASK]);
      }
    },
    // Without the text, which needs an exporter: the peer's favour.
    async scrape(n) {
      for (let i = 0; i < n; i++) await reader.collect();
    },
    types(names) {
      for (const error_type of names) errors.add(1, { error_type });
    },
  };
}

/** A peer that is not installed, or does not run on this Node, is left out, and that is said. */
async function peer(name, create) {
  try {
    return create(await import(name));
  } catch (error) {
    console.log(`left out: ${name} (${error.code ?? error.message})`);
    return undefined;
  }
}

/** Nanoseconds for each, the least of slices that take turns. */
async function measure(contenders, work) {
  const runs = contenders.filter((contender) => contender[work] !== undefined);
  const sizes = new Map();
  const samples = new Map(runs.map((run) => [run, []]));
  for (const run of runs) {
    let size = 16;
    for (let elapsed = 0; elapsed < SLICE_MS * 1e6; size *= 2) elapsed = await timed(run, work, size * 2);
    sizes.set(run, size);
    for (let warm = 0; warm < 4; warm++) await timed(run, work, size);
  }
  for (let slice = 0; slice < SLICES; slice++) {
    for (const run of runs) samples.get(run).push((await timed(run, work, sizes.get(run))) / sizes.get(run));
  }
  return new Map(runs.map((run) => [run, Math.min(...samples.get(run))]));
}

async function timed(run, work, size) {
  const start = performance.now();
  await run[work](size);
  return (performance.now() - start) * 1e6;
}

/** Bytes that one event leaves for the garbage collector; the least of several runs, for the runtime allocates too. */
function allocated(run, work, events = 200_000) {
  const once = () => {
    gc();
    const before = process.memoryUsage().heapUsed;
    run[work](events);
    return (process.memoryUsage().heapUsed - before) / events;
  };
  return Math.max(0, Math.min(...Array.from({ length: 7 }, once)));
}

function heapBytes() {
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const contenders = [
  ours(),
  await peer('prom-client', (module) => promClient('prom-client', module.default ?? module)),
  await peer('@prometheus-io/client', (module) => promClient('@prometheus-io/client', module.default ?? module)),
  await peer('@opentelemetry/sdk-metrics', openTelemetry),
].filter((contender) => contender !== undefined);
const [collector, ...peers] = contenders;

console.log(`\nNode ${process.version}; nanoseconds, the least of ${SLICES} slices; ratio: the best peer / ours`);
const rows = {};
for (const [work, label] of [
  ['success', 'success event, ns'],
  ['failure', 'failure event, ns'],
  ['scrape', 'scrape with 20 error types, ns'],
  ['snapshot', 'snapshot with 20 error types, ns'],
]) {
  if (work === 'scrape') {
    // The collector has its 15 reserved types already, of which four were counted above.
    const own = Array.from({ length: 5 }, (_, index) => `own_${index}`);
    for (const contender of contenders) {
      contender.types(contender === collector ? own : [...own, ...Array.from({ length: 10 }, (_, i) => `more_${i}`)]);
    }
  }
  const times = await measure(contenders, work);
  const row = (rows[label] = {});
  for (const [contender, ns] of times) row[contender.name] = Number(ns.toPrecision(4));
  const best = Math.min(...peers.map((contender) => times.get(contender) ?? Infinity));
  row.ratio = Number.isFinite(best) ? Number((best / times.get(collector)).toFixed(1)) : undefined;
}
for (const work of ['success', 'failure']) {
  const row = (rows[`allocated per ${work}, bytes`] = {});
  for (const contender of contenders) row[contender.name] = Number(allocated(contender, work).toFixed(1));
}
console.table(rows);

const accuracy = {};
for (const [shape, next] of Object.entries(SHAPES)) {
  const metrics = new MetricsCollector();
  const values = Float64Array.from({ length: 1_000_000 }, next);
  for (const value of values) metrics.recordValidationSuccess(value);
  const quantiles = [0.5, 0.95, 0.99, 0.999];
  const answers = metrics.state.durations.quantilesMs(...quantiles);
  values.sort();
  accuracy[shape] = Object.fromEntries(
    quantiles.map((quantile, index) => {
      const exact = values[Math.floor(values.length * quantile)];
      return [`p${quantile * 100} off by`, `${((100 * (answers[index] - exact)) / exact).toFixed(3)} %`];
    }),
  );
}
console.log('\nQuantiles of a million durations against the sorted ones (goal: at most 0.3 %)');
console.table(accuracy);

/** Bytes that `make` leaves behind; the second time, for the first one also compiles. */
function kept(make) {
  make();
  const before = heapBytes();
  const made = Array.from({ length: 10 }, make);
  return (heapBytes() - before) / made.length;
}

function used(events = 200_000) {
  const metrics = new MetricsCollector();
  for (let index = 0; index < events; index++) metrics.recordValidationFailure(TYPES[index % 5], MS[index & MASK]);
  metrics.getMetrics();
  metrics.toPrometheus();
  return metrics;
}

function attacked() {
  const metrics = new MetricsCollector();
  for (let index = 0; index < 1_000_000; index++) metrics.recordValidationFailure(`"\\\n🔑${index}`);
  return metrics;
}

const [usedBytes, attackedBytes] = [kept(used), kept(attacked)];
const beforeMany = heapBytes();
const many = used(100_000_000);
const manyBytes = heapBytes() - beforeMany;
/** Of the durations that came round and round, in whole numbers: 2^70 makes one of each. */
function exactMean(events) {
  let sum = 0n;
  for (let index = 0; index <= MASK; index++) {
    const rounds = Math.floor(events / (MASK + 1)) + (index < events % (MASK + 1) ? 1 : 0);
    sum += BigInt(rounds) * BigInt(MS[index] * 2 ** 70);
  }
  return Number((sum << 60n) / BigInt(events)) / 2 ** 130;
}
let page = '';
const firstScrapesMs = Array.from({ length: 3 }, attacked).map((hostile) => {
  const start = performance.now();
  page = hostile.toPrometheus();
  return performance.now() - start;
});
console.log('\nBounds');
console.table({
  'one collector, KB (goal: 64)': Number((usedBytes / 1024).toFixed(1)),
  'one collector after 100,000,000 events, KB (goal: 64)': Number((manyBytes / 1024).toFixed(1)),
  'its mean, off by': many.getMetrics().validationTimeAvgMs - exactMean(100_000_000),
  'after a million hostile names, KB (goal: 1,024)': Number((attackedBytes / 1024).toFixed(1)),
  'the first scrape then, ms (goal: 1)': Number(Math.min(...firstScrapesMs).toFixed(3)),
  'its page, KB': Number((Buffer.byteLength(page) / 1024).toFixed(1)),
});
