// What a decision in memory costs, beside the peers', in one run: node bench/rate-limit.mjs [--ms 60] [--rounds 9] [--only speed|memory|guard|route] [--keys N] [--dist DIR] [--peers DIR]
//
// Each contender runs in a process of its own, all asked in turn in short slices, so that noise hits all alike. What is
// measured is the time that the process ran, its collector's threads included: neighbours move that less than the clock on
// the wall. What counts is the ratio of the medians. "Fresh" keys are built for each call, as a server builds them from an address
// or a user. Peers limit by fixed windows (throttler by a log); ours is exact.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const SLICE_MS = Number(argument('ms', 60));
const ROUNDS = Number(argument('rounds', 9));
const ONLY = argument('only', '');
const KEYS = Number(argument('keys', 0));
const DIST = pathToFileURL(`${resolve(argument('dist', fileURLToPath(new URL('../dist', import.meta.url))))}/`);
const PEERS = argument('peers', fileURLToPath(new URL('.', import.meta.url)));
const require = createRequire(pathToFileURL(`${resolve(PEERS)}/`));
const WINDOW_MS = 60_000;

const ours = (path) => import(new URL(path, DIST));
const peer = async (name) => import(pathToFileURL(require.resolve(name)));

/** Each makes { take(key) -> boolean or a promise of one }. */
const CONTENDERS = {
  'ours: RateLimiter': async (limit) => {
    const { RateLimiter } = await ours('esm/index.js');
    const limiter = new RateLimiter({ maxRequests: limit, windowSeconds: WINDOW_MS / 1000 });
    return { sync: true, take: (key) => limiter.consume(key).allowed };
  },
  'ours: MemoryRateLimitStorage': async (limit) => {
    const { MemoryRateLimitStorage } = await ours('esm/index.js');
    const storage = new MemoryRateLimitStorage({ maxKeys: 2_000_000 });
    const charges = [
      {
        counter: 'name:api',
        algorithm: 'sliding-window',
        limit,
        burst: limit,
        windowMs: WINDOW_MS,
        cost: 1,
        blockMs: 0,
        shadow: false,
      },
    ];
    return { sync: true, take: (key) => storage.consume(key, charges)[0].allowed };
  },
  'rate-limiter-flexible Memory': async (limit) => {
    const { RateLimiterMemory } = require('rate-limiter-flexible');
    const limiter = new RateLimiterMemory({ points: limit, duration: WINDOW_MS / 1000 });
    return {
      take: (key) =>
        limiter.consume(key).then(
          () => true,
          () => false,
        ),
    };
  },
  '@nestjs/throttler storage': async (limit) => {
    const { ThrottlerStorageService } = require('@nestjs/throttler');
    const storage = new ThrottlerStorageService();
    return { take: (key) => storage.increment(key, WINDOW_MS, limit, WINDOW_MS, 'default').then((r) => !r.isBlocked) };
  },
  'express-rate-limit MemoryStore': async (limit) => {
    const { MemoryStore } = await peer('express-rate-limit');
    const store = new MemoryStore();
    store.init({ windowMs: WINDOW_MS });
    return { take: (key) => store.increment(key).then((r) => r.totalHits <= limit) };
  },
  '@fastify/rate-limit LocalStore': async (limit, keys) => {
    const LocalStore = require('@fastify/rate-limit/store/LocalStore.js');
    const store = new LocalStore(false, false, keys + 10);
    let allowed;
    const done = (_error, result) => (allowed = result.current <= limit);
    return { sync: true, take: (key) => (store.incr(key, done, WINDOW_MS, limit), allowed) };
  },
};
const isOurs = (name) => name.startsWith('ours');
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const keyOf = (i) => `ip:10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}:${i % 97}`;

/** In a child: one contender. */
async function contend() {
  let contender;
  let spec;
  let keys;
  let state = 12345;
  const slice = async (ms) => {
    const { take, sync } = contender;
    let calls = 0;
    const before = process.cpuUsage();
    let elapsed;
    do {
      for (let i = 0; i < 1024; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const index = state % spec.keys;
        const key = keys ? keys[index] : keyOf(index);
        if (sync) take(key);
        else {
          const taken = take(key);
          if (typeof taken !== 'boolean') await taken;
        }
      }
      calls += 1024;
      const { user, system } = process.cpuUsage(before);
      elapsed = (user + system) / 1000;
    } while (elapsed < ms);
    return (calls / elapsed) * 1000;
  };
  process.on('message', async (message) => {
    if (message.op === 'slice') return process.send(await slice(message.ms));
    if (message.op === 'end') return process.exit(0);
    spec = message.spec;
    if (spec.guard) {
      await import(pathToFileURL(require.resolve('reflect-metadata')));
      const call = await GUARDS[spec.name]();
      spec = { ...spec, keys: 1 };
      contender = { take: call };
      await slice(300);
      return process.send({});
    }
    keys = spec.fresh ? undefined : Array.from({ length: spec.keys }, (_, i) => keyOf(i));
    // Loading its code is no key's matter.
    await CONTENDERS[spec.name](spec.limit, 1);
    await collected();
    const before = process.memoryUsage();
    contender = await CONTENDERS[spec.name](spec.limit, spec.keys);
    let pause = 0;
    let last = performance.now();
    for (let hit = 0; hit < spec.hits; hit++) {
      for (let i = 0; i < spec.keys; i++) {
        const taken = contender.take(keys ? keys[i] : keyOf(i));
        if (!contender.sync) await taken;
        if ((i & 15) !== 0) continue;
        const now = performance.now();
        if (now - last > pause) pause = now - last;
        last = now;
      }
    }
    await collected();
    const after = process.memoryUsage();
    const used = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    if (message.warm) await slice(80);
    process.send({ bytes: used / spec.keys, pause });
  });
}

/** Array buffers are given back by another thread, a little after the collector has found nobody holds them. */
async function collected() {
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function start(name, spec, warm) {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
    execArgv: ['--expose-gc', '--max-old-space-size=4000'],
  });
  const ask = (message) =>
    new Promise((answer) => {
      child.once('message', answer);
      child.send(message);
    });
  const first = await ask({ op: 'start', spec: { ...spec, name }, warm });
  return { name, first, slice: (ms) => ask({ op: 'slice', ms }), end: () => child.send({ op: 'end' }) };
}

async function compare() {
  if (ONLY === '' || ONLY === 'speed') await speed();
  if (ONLY === '' || ONLY === 'memory') await memory();
  if (ONLY === '' || ONLY === 'guard') await guards();
  if (ONLY === '' || ONLY === 'route') await routes();
}

async function speed() {
  const cases = [
    { keys: 1, limit: 10_000, fresh: true, hits: 1 },
    { keys: 1000, limit: 100, fresh: true, hits: 1 },
    { keys: 1_000_000, limit: 100, fresh: true, hits: 1 },
  ];
  for (const spec of cases.filter(({ keys }) => KEYS === 0 || keys === KEYS)) {
    const running = [];
    for (const name of Object.keys(CONTENDERS)) running.push({ ...(await start(name, spec, true)), rates: [] });
    for (let round = 0; round < ROUNDS; round++) for (const one of running) one.rates.push(await one.slice(SLICE_MS));
    for (const one of running) one.end();
    const peers = running.filter(({ name }) => !isOurs(name));
    const best = Math.max(...peers.map(({ rates }) => median(rates)));
    const throttler = median(running.find(({ name }) => name.includes('throttler')).rates);
    console.log(`\ndecisions per second of processor time, ${spec.keys} fresh keys, limit ${spec.limit}`);
    console.log('| contender | M/s | × best peer | × throttler |\n| --- | --: | --: | --: |');
    for (const { name, rates } of running) {
      const rate = median(rates);
      console.log(
        `| ${name} | ${(rate / 1e6).toFixed(3)} | ${(rate / best).toFixed(2)} | ${(rate / throttler).toFixed(1)} |`,
      );
    }
  }
}

async function memory() {
  console.log('\nmemory (limit 100), and the longest pause while a million keys arrive');
  console.log(
    '| contender | bytes per key of one hit (1 M keys) | bytes per full key (20 k keys) | pause, ms |\n| --- | --: | --: | --: |',
  );
  for (const name of Object.keys(CONTENDERS)) {
    const one = await start(name, { keys: 1_000_000, limit: 100, fresh: true, hits: 1 });
    one.end();
    const full = await start(name, { keys: 20_000, limit: 100, fresh: true, hits: 100 });
    full.end();
    console.log(
      `| ${name} | ${one.first.bytes.toFixed(0)} | ${full.first.bytes.toFixed(0)} | ${one.first.pause.toFixed(1)} |`,
    );
  }
}

/**
 * One guarded request without a server: contexts, requests and responses are plain objects, as new for each call as
 * Nest's are. Every request has its record whether a guard asks for it or not, so what opening it costs is measured apart.
 */
const GUARDS = {
  'the context and the record alone': () => recordOnly(),
  'ours, 1 policy by address': () => ourGuard(1),
  'ours, 1 policy by user': () => ourGuard(1, true),
  'ours, 3 policies by address': () => ourGuard(3),
  'ours, 3 policies by user': () => ourGuard(3, true),
  '@nestjs/throttler, 1': () => throttlerGuard(1),
  '@nestjs/throttler, 3': () => throttlerGuard(3),
};

async function guards() {
  const running = [];
  for (const name of Object.keys(GUARDS)) running.push({ ...(await start(name, { guard: true }, true)), times: [] });
  for (let round = 0; round < ROUNDS; round++)
    for (const one of running) one.times.push(1e6 / (await one.slice(SLICE_MS)));
  for (const one of running) one.end();
  const base = median(running[0].times);
  console.log('\nguard, headers included, without a server');
  console.log('| guard | µs per request | of which the guard |\n| --- | --: | --: |');
  for (const { name, times } of running) {
    console.log(`| ${name} | ${median(times).toFixed(2)} | ${(median(times) - base).toFixed(2)} |`);
  }
}

/** In a real application on Fastify: requests per second of routes that differ in one decorator, and the main thread's time. */
async function routes() {
  const { default: autocannon } = await peer('autocannon');
  const start = async (BARE) => {
    const child = fork(fileURLToPath(new URL('rate-limit/routes.mjs', import.meta.url)), [], {
      env: { ...process.env, ADAPTER: 'fastify', NODE_ENV: 'production', BARE },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    return { child, port: JSON.parse(line).port };
  };
  const [bare, ours] = [await start('1'), await start('0')];
  /** Each beside the one that it is compared with. */
  const beside = (server, name, base) => ({ server, name: String(name), base, rps: [], us: [] });
  const compared = [
    beside(bare, 'bare', 'bare'),
    beside(ours, 'bare', 'bare'),
    beside(ours, 'ip', 'bare'),
    beside(bare, 'bare-auth', 'bare-auth'),
    beside(ours, 'bare-auth', 'bare-auth'),
    beside(ours, 'user', 'bare-auth'),
    beside(ours, 'three', 'bare-auth'),
  ];
  const shoot = async ({ server: { child, port }, name }, duration) => {
    const before = mainThreadUs(child.pid);
    const shot = await autocannon({
      url: `http://127.0.0.1:${port}`,
      connections: 50,
      duration,
      requests: Array.from({ length: 200 }, (_, index) => ({
        path: `/${name}`,
        headers: { 'x-user': `user-${index}` },
      })),
    });
    if (shot.non2xx + shot.errors > 0) throw new Error(`${name}: ${shot.non2xx} were not 2xx, ${shot.errors} errors`);
    return { rps: shot.requests.average, us: (mainThreadUs(child.pid) - before) / shot.requests.total };
  };
  for (const one of compared) await shoot(one, 1);
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of compared) {
      const { rps, us } = await shoot(one, 2);
      one.rps.push(rps);
      one.us.push(us);
    }
  }
  for (const { child } of [bare, ours]) child.kill();
  console.log(
    '\na route on Fastify, 50 connections, 200 callers, beside the same route of an application without the module',
  );
  console.log(
    '| route | requests/s | of the bare one | main thread, µs | of the bare one |\n| --- | --: | --: | --: | --: |',
  );
  for (const { server, name, base, rps, us } of compared) {
    const other = compared.find((one) => one.server === bare && one.name === base);
    const label = server === bare ? `${name}, without the module` : name;
    const share = median(rps) / median(other.rps);
    const threads = median(other.us) / median(us);
    console.log(
      `| ${label} | ${median(rps).toFixed(0)} | ${share.toFixed(2)} | ${median(us).toFixed(1)} | ${threads.toFixed(2)} |`,
    );
  }
}

/** How long the process's main thread has run: a neighbour's load moves it less than the clock on the wall. */
function mainThreadUs(pid) {
  const file = `/proc/${pid}/task/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) / 1000 : Number.NaN;
}

class Controller {
  handler() {}
}
class Response {
  headersSent = false;
  sent = {};
  setHeader(name, value) {
    this.sent[name] = value;
  }
  header(name, value) {
    this.sent[name] = value;
  }
}
let calls = 0;
function contextOf(withUser) {
  const request = {
    headers: {},
    ip: `203.0.113.${calls++ & 255}`,
    user: withUser ? { id: `user-${calls & 1023}` } : undefined,
  };
  const args = [request, new Response(), () => undefined];
  const http = { getRequest: () => args[0], getResponse: () => args[1] };
  return {
    getType: () => 'http',
    getClass: () => Controller,
    getHandler: () => Controller.prototype.handler,
    getArgs: () => args,
    getArgByIndex: (index) => args[index],
    switchToHttp: () => http,
  };
}

async function ourGuard(policies, withUser = false) {
  const { createRateLimiting } = await ours('cjs/rate-limit/rate-limiting.js');
  const { Callers } = await ours('cjs/request/callers.js');
  const { AuthEvents } = await ours('cjs/events/auth-events.js');
  const { RATE_LIMIT_METADATA } = await ours('cjs/rate-limit/metadata.js');
  const identifier = withUser ? 'caller' : 'ip';
  const refs = Array.from({ length: policies }, () => ({
    maxRequests: 1_000_000,
    windowSeconds: WINDOW_MS / 1000,
    identifier,
  }));
  class Limited extends Controller {}
  Reflect.defineMetadata(RATE_LIMIT_METADATA, refs, Limited);
  const callers = new Callers({}, { classify: () => ({ kind: 'human', clientId: null, subject: null }) });
  const events = new AuthEvents();
  events.subscribe(() => undefined);
  const now = () => performance.timeOrigin + performance.now();
  const { enforcement } = createRateLimiting({}, { callers, events, now, warn: console.warn, isGlobal: false });
  return () => {
    const context = contextOf(withUser);
    context.getClass = () => Limited;
    return enforcement.canActivate(context);
  };
}

async function throttlerGuard(count) {
  const { ThrottlerGuard, ThrottlerStorageService } = require('@nestjs/throttler');
  const { Reflector } = require('@nestjs/core');
  // A limit that is reached: its log is searched from end to end on each call, and a long one would be measured instead.
  const throttlers = Array.from({ length: count }, (_, i) => ({
    name: i ? `t${i}` : 'default',
    limit: 100_000,
    ttl: 20,
  }));
  const guard = new ThrottlerGuard({ throttlers }, new ThrottlerStorageService(), new Reflector());
  await guard.onModuleInit();
  return () => guard.canActivate(contextOf(false));
}

async function recordOnly() {
  const { recordOf } = await ours('cjs/request/call-record.js');
  return () => recordOf(contextOf(true)) !== undefined;
}

if (process.send) await contend();
else await compare();
