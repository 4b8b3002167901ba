// The whole stack at full load for as long as you like: a million callers, rotating keys, a Redis that restarts, an audit log that
// rotates. At the end it says what was promised and whether it held, and exits 1 if anything did not.
// usage: npm run bench -- soak [--seconds 600] [--callers 1000000] [--connections 48]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { verifyAuditLog } from '../dist/esm/index.js';
import { TestIssuer } from '../dist/esm/testing/index.js';
import { keepAsking, signWithSecret } from './soak/callers.mjs';
import { makeAuditKeys } from './soak/keys.mjs';
import { OwnRedis } from './support/own-redis.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    callers: { type: 'string', default: '1000000' },
    connections: { type: 'string', default: '48' },
  },
});
const seconds = Number(values.seconds);
const callers = Number(values.callers);

const AUDIENCE = 'soak';
const LIMIT = { maxRequests: 20, windowSeconds: 5 };
/** So many callers ask far more often than they may: each fourth request is one of theirs. */
const OFTEN = 4;
const DEADLINE_MS = 50;
const SECRET = 'a secret of 32 bytes and not less';
const MACHINES = 'https://machines.example';
/** Redis is restarted, keys rotate and memory is looked at so often in the run. */
const RESTARTS = Math.max(1, Math.min(6, Math.floor(seconds / 60)));
const ROTATIONS = 4;
const LOOKS = 24;
/** Beyond what a full table of the limiter, a full token cache and full audit queues may hold, once they are full. */
const ALLOWED_GROWTH = 1.1;

const redis = await OwnRedis.start({ keepsCounts: true });
const directory = mkdtempSync(join(tmpdir(), 'soak-audit-'));
const keys = makeAuditKeys();
const people = await TestIssuer.start({ algorithm: 'ES256' });
const server = fork(fileURLToPath(new URL('soak/server.mjs', import.meta.url)), {
  execArgv: ['--expose-gc'],
  env: {
    ...process.env,
    NODE_ENV: 'production',
    SOAK: JSON.stringify({
      audience: AUDIENCE,
      deadlineMs: DEADLINE_MS,
      watched: 'user:often-',
      audit: {
        directory,
        ...keys.signing,
        maxSegmentBytes: 4 * 2 ** 20,
        checkpointEvery: { records: 1000, seconds: 1 },
      },
      issuers: [{ issuer: people.issuer }, { issuer: MACHINES, secret: SECRET, algorithms: ['HS256'] }],
      limit: LIMIT,
      maxCachedTokens: 10_000,
      maxKeys: 100_000,
      redisPort: redis.port,
    }),
  },
});
process.on('exit', () => server.kill('SIGKILL'));
/** The server's next message; its end before that is the end of the soak. */
async function told() {
  const ended = new AbortController();
  const exit = once(server, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the application ended with ${code}`);
  });
  const [message] = await Promise.race([once(server, 'message'), exit]);
  exit.catch(() => undefined);
  ended.abort();
  return message;
}
const { port } = await told();

const answers = {};
let storeDecisionsAtRestart = 0;
const often = Array.from({ length: OFTEN }, (_, index) => ({ id: `often-${index}`, token: '' }));
const renewTokens = async () => {
  for (const caller of often) caller.token = await people.human(undefined, { sub: caller.id, aud: AUDIENCE });
};
await renewTokens();

const startedAt = performance.now();
const elapsed = () => (performance.now() - startedAt) / 1000;
let asked = 0;
let answered = 0;
let slowestMs = 0;
function next() {
  const at = performance.now();
  if (asked++ % 4 === 0) {
    return { token: often[(asked >> 2) % OFTEN].token, at };
  }
  const now = Math.floor(Date.now() / 1000);
  const id = `caller-${asked % callers}`;
  const claims = { iss: MACHINES, aud: AUDIENCE, sub: id, client_id: id, iat: now, exp: now + 300 };
  return { token: signWithSecret(SECRET, claims), at };
}
function seen(status, { at }) {
  answered++;
  answers[status] = (answers[status] ?? 0) + 1;
  slowestMs = Math.max(slowestMs, performance.now() - at);
}

const looks = [];
async function look() {
  server.send('look');
  const report = await told();
  looks.push(report);
  const { heldMiB, rssMiB, queued } = report;
  const minute = `${elapsed().toFixed(0)} s of ${seconds} s`;
  console.log(
    `${minute}: ${answered} answered, ${heldMiB} MiB held after gc, ${rssMiB} MiB resident, ${queued} queued`,
  );
}
/** So many times in the run, spread evenly, never at its very beginning or end. */
async function spread(times, act) {
  for (let index = 1; index <= times; index++) {
    await sleep(Math.max(0, (index / (times + 1)) * seconds - elapsed()) * 1000);
    await act();
  }
}
const isOver = () => elapsed() >= seconds;
await Promise.all([
  ...Array.from({ length: Number(values.connections) }, () => keepAsking(port, next, seen, isOver)),
  spread(LOOKS, look),
  spread(ROTATIONS, async () => {
    // The older key stays in the set, as an issuer's does until the last of its tokens has expired.
    await people.rotateKeys({ keepPrevious: true });
    await renewTokens();
  }),
  spread(RESTARTS, async () => {
    await redis.stop();
    await sleep(Math.min(2000, (seconds / 20) * 1000));
    await redis.run();
    storeDecisionsAtRestart = looks.at(-1)?.decided.store ?? 0;
  }),
]);
await look();
server.kill('SIGTERM');
await once(server, 'exit');
await people.stop();
await redis.end();

console.log('reading the audit log');
const written = await countRequests(directory);
const verified = await verifyAuditLog(directory, keys.verifying);
const last = looks.at(-1);
const half = Math.floor(looks.length / 2);
const heldIn = (some) => Math.max(...some.map(({ heldMiB }) => heldMiB));
const dropped = Object.values(last.dropped).reduce((sum, count) => sum + count, 0);

const promises = [
  ['no unhandled rejection, no warning', last.faults.length === 0, last.faults[0] ?? 'none'],
  [
    'only 200 and 429',
    Object.keys(answers).every((status) => status === '200' || status === '429'),
    JSON.stringify(answers),
  ],
  ['no audit event dropped', dropped === 0, `${dropped} dropped`],
  ['one audit event for each answer', written === answered, `${written} events, ${answered} answers`],
  [
    'the audit log verifies',
    verified.verdict === 'clean',
    `${verified.verdict} ${JSON.stringify(verified.problems.slice(0, 3))}`,
  ],
  ['limits were reached', answers[429] > 0, `${answers[429] ?? 0} refused`],
  [
    'Redis lets through what the limit says, in every window',
    last.fullest.store <= LIMIT.maxRequests,
    `${last.fullest.store} of ${LIMIT.maxRequests} in the fullest`,
  ],
  [
    'while it is away, this process too',
    last.fullest.local <= LIMIT.maxRequests,
    `${last.fullest.local} of ${LIMIT.maxRequests} in the fullest`,
  ],
  [
    'each restart was noticed, and its end',
    last.outages >= RESTARTS && last.decided.store > storeDecisionsAtRestart,
    `${last.outages} times away for ${RESTARTS} restarts; ${last.decided.store - storeDecisionsAtRestart} decisions after the last`,
  ],
  [
    'memory flat',
    heldIn(looks.slice(half)) <= heldIn(looks.slice(2, half)) * ALLOWED_GROWTH,
    `${heldIn(looks.slice(2, half))} MiB in the first half, ${heldIn(looks.slice(half))} MiB in the second`,
  ],
];
console.table(promises.map(([promise, held, measured]) => ({ promise, held, measured })));
console.table({ decisions: last.decided });
console.log(`slowest answer: ${Math.round(slowestMs)} ms`);
rmSync(directory, { recursive: true, force: true });
process.exit(promises.every(([, held]) => held) ? 0 : 1);

/** The request events in the log, read line by line. */
async function countRequests(folder) {
  let count = 0;
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.jsonl'))) {
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
      const { t, eventType } = JSON.parse(line);
      if (t === 'event' && eventType.startsWith('request_')) count++;
    }
  }
  return count;
}
