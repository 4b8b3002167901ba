// What an audit event costs, beside its peers, in one run: node bench/audit.mjs [--rounds 9] [--events 20000] [--only NAME]
//
// Every contender has a process of its own, which is warmed up and then works only in its turns: short slices, in a different
// order each round, so that whatever else the machine does hits all alike. What counts is the median of the ratios, each of
// two slices of one round; beside it stand the quarters of the rounds. The events are the same for all, about 500 bytes as JSON.
//   caller   time inside the call, the median of stretches of 50 calls
//   main     processor time of the main thread, all work of writing included
//   events/s until the last one is written (durable variants: synced); evlog is given a twentieth of the events
//   loop     p99 of the event loop's delay at 5,000 events a second, over that of a process that does nothing; the chain
//            rotates and prunes all the time, and in a contender of its own another sink never answers
//   work     of the same slices: p99 of the main thread's processor time between two ticks of a millisecond, and the most
//            (longest), over that of the process that does nothing. It holds our own work and nothing else's
//   ack      wait for an acknowledgement at about 100 events a second, and how much of it the disk alone does not take:
//            between the appends the same bytes are written and synced by nobody else
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const ROUNDS = Number(argument('rounds', 9));
const EVENTS = argument('events', '20000');
const ONLY = argument('only', '');
const CHILD = fileURLToPath(new URL('audit/child.mjs', import.meta.url));
const [IDLE, PINO, EVLOG] = ['idle', 'pino, async', 'evlog, signed chain'];

/** Which slices each contender takes part in. */
const CONTENDERS = {
  [IDLE]: ['paced'],
  [PINO]: ['burst', 'paced'],
  // It cannot keep up with 5,000 events a second.
  [EVLOG]: ['burst'],
  'durable chain alone': ['burst', 'paced', 'acknowledged'],
  'AuditLogger, durable chain': ['burst', 'paced', 'acknowledged'],
  'AuditLogger, a sink hangs beside': ['paced'],
};
const names = Object.keys(CONTENDERS).filter((name) => name === IDLE || name === PINO || name.includes(ONLY));

/** A contender, when it is warm. */
function started(name) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-audit-'));
  const child = fork(CHILD, [name, folder, EVENTS], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const answer = () =>
    new Promise((resolve, reject) => {
      const failed = (code) => reject(new Error(`${name} ended with ${code}: ${said}`));
      child.once('exit', failed);
      child.once('message', (message) => {
        child.off('exit', failed);
        resolve(message);
      });
    });
  const take = (slice) => {
    child.send(slice);
    return answer();
  };
  const end = async () => {
    await take('end');
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  return answer().then(() => ({ name, take, end }));
}

const contenders = [];
for (const name of names) contenders.push(await started(name));
/** Of each round, what each contender came to. */
const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  const results = Object.fromEntries(names.map((name) => [name, {}]));
  for (const slice of ['burst', 'paced', 'acknowledged']) {
    const taking = contenders.filter(({ name }) => CONTENDERS[name].includes(slice));
    for (let turn = 0; turn < taking.length; turn++) {
      const { name, take } = taking[(turn + round) % taking.length];
      Object.assign(results[name], await take(slice));
    }
  }
  rounds.push(results);
}
for (const { end } of contenders) await end();

function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const [before, behind] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return before + (behind - before) * (at - Math.floor(at));
}

/** The median of the rounds and their quarters. */
function told(unit, digits, of) {
  const values = rounds
    .map(of)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  if (values.length === 0) return '';
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(values, share).toFixed(digits));
  return `${middle}${unit} (${low} to ${high})`;
}
const over = (name, field, other, digits = 2) =>
  told('x', digits, (round) => round[name][field] / round[other]?.[field]);
const beyond = (name, field) => told(' ms', 2, (round) => round[name][field] - round[IDLE][field]);

console.table(
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        'caller, of pino': over(name, 'caller', PINO),
        'main, of pino': over(name, 'main', PINO),
        'events/s, of evlog': over(name, 'perSecond', EVLOG, 0),
      },
    ]),
  ),
);
console.table(
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        'loop p99 over idle': beyond(name, 'delay'),
        'work p99': beyond(name, 'work'),
        'longest work': beyond(name, 'longest'),
        ack: told(' ms', 2, (round) => round[name].acknowledgement),
        'more than the disk': told(' ms', 2, (round) => round[name].added),
      },
    ]),
  ),
);
const plain = (name, field) => told('', 0, (round) => round[name][field]);
console.log(`pino: caller ${plain(PINO, 'caller')} ns, main thread ${plain(PINO, 'main')} ns`);
console.log(
  `idle: event loop p99 ${told(' ms', 2, (round) => round[IDLE].delay)}, work p99 ${told(' ms', 2, (round) => round[IDLE].work)}`,
);
