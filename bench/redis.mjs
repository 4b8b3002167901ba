// What a decision in Redis costs, beside the peers', in one run on one server: decisions per second and waiting times of
// callers in one process, traffic of which 95 % is abuse, the server's own time and memory, and what callers see of an outage.
// usage: npm run bench -- redis [--only callers|abuse|server|bytes|outage] [--ms 500] [--rounds 7]
//
// Each contender of the first two parts runs in a process of its own, all asked in turn in short slices, so that noise hits
// all alike; what counts is the ratio of the medians. Peers count in fixed windows; ours is exact.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { ABUSE, CALLERS, flexibleFor, isOurs, LIMIT, storeFor } from './redis/contenders.mjs';
import { outages } from './redis/outages.mjs';
import { OwnRedis } from './support/own-redis.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    ms: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '7' },
  },
});
const MS = Number(values.ms);
const ROUNDS = Number(values.rounds);
const KEYS = 10_000;
const SETS = { callers: CALLERS, abuse: ABUSE };

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const median = (found) =>
  quantile(
    found.toSorted((a, b) => a - b),
    0.5,
  );
const ratio = (a, b) => (a / b).toFixed(2);
const table = (head, rows) => {
  console.log(`| ${head.join(' | ')} |\n| --- ${'| --: '.repeat(head.length - 1)}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
};

/** In a child: one contender, asked by so many callers for so long. */
async function contend() {
  let contender;
  let isAbuse;
  let state = 12345;
  const key = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const number = state >>> 8;
    if (!isAbuse) return `203.0.113.${number % KEYS}`;
    return number % 100 < 95 ? `bad.${(state >>> 16) % 20}` : `good.${(state >>> 10) % 50_000}`;
  };
  const slice = async (callers, ms) => {
    const waits = [];
    const start = performance.now();
    let isOver = false;
    let calls = 0;
    const call = async () => {
      for (let turn = 1; !isOver; turn++) {
        if (isAbuse) await contender.take(key());
        else {
          const asked = performance.now();
          await contender.take(key());
          waits.push(performance.now() - asked);
        }
        calls++;
        if (isAbuse && (turn & 63) !== 0) continue;
        if (performance.now() - start > ms) isOver = true;
        // What needs no server lets no event in.
        if (isAbuse) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    const elapsed = performance.now() - start;
    waits.sort((a, b) => a - b);
    return { rate: (calls / elapsed) * 1000, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
  };
  process.on('disconnect', () => process.exit(0));
  process.on('message', async ({ op, set, name, port, callers, ms }) => {
    if (op === 'end') process.exit(0);
    if (op === 'start') {
      isAbuse = set === 'abuse';
      contender = await SETS[set][name](port);
      await contender.take('warm');
    }
    process.send(op === 'start' ? {} : await slice(callers, ms));
  });
}

async function start(set, name, port) {
  const child = fork(fileURLToPath(import.meta.url));
  const ask = (message) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send(message);
    });
  await ask({ op: 'start', set, name, port });
  return {
    name,
    slices: [],
    slice: (callers, ms) => ask({ op: 'slice', callers, ms }),
    end: () => child.send({ op: 'end' }),
  };
}

async function compare(set, callers, server) {
  const running = [];
  for (const name of Object.keys(SETS[set])) running.push(await start(set, name, server.port));
  for (let round = 0; round < ROUNDS; round++) {
    // Each is once the first: who comes after a pause pays for it.
    const from = round % running.length;
    for (const one of [...running.slice(from), ...running.slice(0, from)]) {
      await server.admin.flushall();
      await one.slice(callers, Math.max(100, MS / 4));
      one.slices.push(await one.slice(callers, MS));
    }
  }
  for (const one of running) one.end();
  return running.map(({ name, slices }) => ({
    name,
    rate: median(slices.map(({ rate }) => rate)),
    p50: median(slices.map(({ p50 }) => p50)),
    p99: median(slices.map(({ p99 }) => p99)),
  }));
}

async function callers(server) {
  for (const count of [1, 64, 512]) {
    const found = await compare('callers', count, server);
    const peers = found.filter(({ name }) => !isOurs(name));
    const best = peers.reduce((a, b) => (b.rate > a.rate ? b : a));
    const fastest = Math.min(...peers.map(({ p99 }) => p99));
    console.log(`\n${count} callers, ${KEYS} keys, limit ${LIMIT}; the best peer by rate is ${best.name}`);
    table(
      ['contender', 'decisions/s', '× best peer', 'p50 ms', 'p99 ms', 'p99 ÷ best peer’s', 'p99 ÷ least of the peers'],
      found.map(({ name, rate, p50, p99 }) => [
        name,
        Math.round(rate),
        ratio(rate, best.rate),
        p50.toFixed(2),
        p99.toFixed(2),
        ratio(p99, best.p99),
        ratio(p99, fastest),
      ]),
    );
  }
}

async function abuse(server) {
  const found = await compare('abuse', 64, server);
  const cached = found.find(({ name }) => name.includes('inMemoryBlock'));
  console.log('\n64 callers, 95 % of the traffic from 20 keys far above the limit');
  table(
    ['contender', 'decisions/s', '× block cache'],
    found.map(({ name, rate }) => [name, Math.round(rate), ratio(rate, cached.rate)]),
  );
}

/** The time that the server says its scripts took, in microseconds for each decision. */
async function scriptMicros({ admin }, decisions, work) {
  await admin.config('RESETSTAT');
  await work();
  const stats = await admin.info('commandstats');
  const micros = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=\d+,usec=(\d+)/g)].reduce(
    (sum, [, usec]) => sum + +usec,
    0,
  );
  return micros / decisions;
}

async function serverTime(server) {
  const CHUNK = 512;
  /** @type {[string, { take: Function, end: Function }, number, number?][]} */
  const measured = [
    ['rate-limiter-flexible, alone', flexibleFor(server.port), 1],
    ['ours, alone', storeFor(server.port, LIMIT), 1],
    ['ours, 8 at once', storeFor(server.port, LIMIT), 8],
    ['ours, 64 at once', storeFor(server.port, LIMIT), 64],
    ['ours, 128 at once', storeFor(server.port, LIMIT), 128],
    ['ours at limit 1,000, alone', storeFor(server.port, 1000), 1, 20],
    ['ours at limit 1,000, 64 at once', storeFor(server.port, 1000), 64, 20],
    ['ours at limit 10,000, alone', storeFor(server.port, 10_000), 1, 20],
  ];
  const contenders = measured.map(([name, { take, end }, atOnce, keys = 1000]) => ({
    name,
    take,
    end,
    atOnce,
    keys,
    found: [],
  }));
  for (let round = 0; round < ROUNDS * 12; round++) {
    if (round % 24 === 0) await server.admin.flushall();
    for (const { take, atOnce, keys, found, name } of contenders) {
      const keyOf = (call) => `${name}.${((round * CHUNK + call) * 7919) % keys}`;
      const work = async () => {
        for (let call = 0; call < CHUNK; call += atOnce) {
          await Promise.all(Array.from({ length: atOnce }, (_, more) => take(keyOf(call + more))));
        }
      };
      found.push(await scriptMicros(server, CHUNK, work));
    }
  }
  for (const { end } of contenders) end();
  // Others use the machine too: a quarter of the slices had it to themselves more or less.
  const quiet = contenders.map(({ found }) =>
    quantile(
      found.toSorted((a, b) => a - b),
      0.25,
    ),
  );
  console.log('\nserver time in scripts (commandstats), for each decision; TIME included');
  table(
    ['contender', 'µs (quarter)', '÷ rate-limiter-flexible', 'median µs', '÷'],
    contenders.map(({ name, found }, index) => [
      name,
      quiet[index].toFixed(2),
      ratio(quiet[index], quiet[0]),
      median(found).toFixed(2),
      ratio(median(found), median(contenders[0].found)),
    ]),
  );
}

async function bytes(server) {
  const used = async () => Number(/used_memory:(\d+)/.exec(await server.admin.info('memory'))[1]);
  const rows = [];
  for (const [limit, hits, keys] of [
    [100, 1, 20_000],
    [100, 10, 20_000],
    [100, 100, 20_000],
    [1000, 1000, 2000],
  ]) {
    const store = storeFor(server.port, limit);
    await store.take('warm');
    await server.admin.flushall();
    const before = await used();
    for (let hit = 0; hit < hits; hit++) {
      for (let key = 0; key < keys; key += 1000) {
        await Promise.all(Array.from({ length: Math.min(1000, keys) }, (_, i) => store.take(`203.0.113.${key + i}`)));
      }
    }
    rows.push([limit, hits, Math.round(((await used()) - before) / keys)]);
    store.end();
  }
  rows.push([10_000, 10_000, await bytesWhenSpread(server)]);
  console.log('\nserver memory for each key (used_memory, the dictionary and the expiry included)');
  table(['limit', 'hits', 'bytes'], rows);
}

/** At a large limit the size depends on how the hits are spread: here over all steps of the window. */
async function bytesWhenSpread({ port, admin }) {
  const windowMs = 2560;
  const store = storeFor(port, 10_000, { windowMs, cost: 25 });
  for (let hit = 0; hit < 400; hit++) {
    await store.take('203.0.113.1');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [key] = await admin.keys('rl:g*');
  store.end();
  return admin.memory('USAGE', key);
}

if (process.send) await contend();
else {
  const parts = { callers, abuse, server: serverTime, bytes };
  const chosen = Object.keys(parts).filter((part) => values.only === '' || values.only === part);
  if (chosen.length > 0) {
    const redis = await OwnRedis.start();
    const admin = new Redis({ port: redis.port, host: '127.0.0.1' });
    for (const part of chosen) await parts[part]({ port: redis.port, admin });
    admin.disconnect();
    await redis.end();
  }
  if (values.only === '' || values.only === 'outage') await outages();
  process.exit(0);
}
