// Real: logs of the real sink, changed by chance, and logs that lived through every kind of life. Faked: nothing.
// `npm run proof:audit` runs both with the numbers that the documentation names.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { verifyAuditLog } from '../../../src/audit/chain/verify/verify-audit-log.js';
import { event, ownDirectory } from '../support.js';
import { copyOf, filesOf, Log, newKeys } from './logs.js';

const MUTATIONS = Number(process.env['AUDIT_MUTATIONS'] ?? 300);
const LIVES = Number(process.env['AUDIT_LIVES'] ?? 30);
const SEED = Number(process.env['AUDIT_SEED'] ?? 20_261_125);

const directoryOf = ownDirectory();

/** mulberry32: the same chance every time, so that what fails can be looked at. */
function chanceOf(seed: number): { below(count: number): number; pick<T>(from: readonly T[]): T } {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { below, pick: (from) => from[below(from.length)]! };
}
type Chance = ReturnType<typeof chanceOf>;

type Mutation = (bytes: Buffer, chance: Chance) => Buffer;
const lines = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n').slice(0, -1);
const joined = (text: readonly string[]): Buffer => Buffer.from(text.map((line) => `${line}\n`).join(''), 'latin1');

/** What somebody, or a bad disk, does to the bytes of a segment. */
const MUTATIONS_OF: Readonly<Record<string, Mutation>> = {
  'flips a bit': (bytes, chance) => {
    bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8);
    return bytes;
  },
  'writes a byte over another': (bytes, chance) => {
    const at = chance.below(bytes.length);
    bytes[at] = (bytes[at]! + 1 + chance.below(255)) % 256;
    return bytes;
  },
  'puts bytes in': (bytes, chance) => {
    const at = chance.below(bytes.length + 1);
    const more = Buffer.from(Array.from({ length: 1 + chance.below(40) }, () => chance.below(256)));
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  },
  'takes bytes out': (bytes, chance) => {
    const at = chance.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(40))]);
  },
  'cuts the end': (bytes, chance) => bytes.subarray(0, chance.below(bytes.length)),
  'takes a line out': (bytes, chance) => {
    const all = lines(bytes);
    all.splice(chance.below(all.length), 1 + chance.below(3));
    return joined(all);
  },
  'writes a line again somewhere': (bytes, chance) => {
    const all = lines(bytes);
    all.splice(chance.below(all.length + 1), 0, chance.pick(all));
    return joined(all);
  },
  'lets two lines change places': (bytes, chance) => {
    const all = lines(bytes);
    const first = chance.below(all.length - 1);
    const second = first + 1 + chance.below(all.length - 1 - first);
    [all[first], all[second]] = [all[second]!, all[first]!];
    return joined(all);
  },
  'swaps two stretches of bytes': (bytes, chance) => {
    const length = 1 + chance.below(30);
    const a = chance.below(bytes.length - length);
    const b = chance.below(bytes.length - length);
    const first = Buffer.from(bytes.subarray(a, a + length));
    bytes.copy(bytes, a, b, b + length);
    first.copy(bytes, b);
    return bytes;
  },
};

describe('a log that was changed by chance', () => {
  it(`is never accepted: ${MUTATIONS} mutations`, async () => {
    const log = new Log(directoryOf(), newKeys(), { maxSegmentBytes: 4096 });
    await log.write(18);
    await log.close();
    log.open();
    await log.write(4);
    await log.close();
    expect((await verifyAuditLog(log.directory, log.proof)).verdict).toBe('clean');

    const chance = chanceOf(SEED);
    const files = filesOf(log.directory);
    const accepted: string[] = [];
    for (let round = 0; round < MUTATIONS; round++) {
      const file = chance.pick(files);
      const path = join(log.directory, file);
      const before = readFileSync(path);
      const name = chance.pick([...Object.keys(MUTATIONS_OF), 'removes the file', 'renames the file']);
      if (name === 'removes the file') rmSync(path);
      else if (name === 'renames the file') renameSync(path, `${path}.old`);
      else {
        const after = MUTATIONS_OF[name]!(Buffer.from(before), chance);
        if (after.equals(before)) continue;
        writeFileSync(path, after);
      }
      const { verdict } = await verifyAuditLog(log.directory, log.proof);
      if (verdict === 'clean') accepted.push(`${round}: ${name} (${file})`);
      rmSync(`${path}.old`, { force: true });
      writeFileSync(path, before);
    }
    expect(accepted).toEqual([]);
  }, 3_600_000);
});

describe('a log that nobody has touched', () => {
  /** Processes that start, write, rotate, prune, run side by side, end, or are killed in the middle of a write. */
  async function live(chance: Chance): Promise<{ log: Log; hasCrashed: boolean }> {
    const options = {
      maxSegmentBytes: chance.pick([4096, 9000, 67_108_864]),
      ...(chance.below(3) === 0 && { retainSegments: 2 + chance.below(3) }),
      fsync: chance.pick(['batch', 'never'] as const),
      checkpointEvery: { records: 10 + chance.below(20), seconds: 86_400 },
    };
    let log = new Log(directoryOf(), newKeys(), options);
    let hasCrashed = false;
    for (let start = 0, starts = 1 + chance.below(4); start < starts; start++) {
      // The first key has gone to the verifier, as it should.
      if (start > 0) log.open(existsSync(join(log.directory, 'ratchet')) ? { ratchetKey: undefined } : {});
      if (chance.below(8) > 0) await log.write(chance.below(40), 1 + chance.below(5));
      const sibling = chance.below(4) === 0 ? new Log(log.directory, log.keys, options) : undefined;
      await sibling?.write(1 + chance.below(12));
      await log.write(chance.below(6));
      await sibling?.close();
      if (chance.below(3) > 0) {
        await log.close();
        continue;
      }
      hasCrashed = true;
      // Killed: some of it is on its way, and half a line of it has arrived.
      const onItsWay = log.sink.write(Array.from({ length: chance.below(4) }, (_, index) => event(index)));
      if (chance.below(2) === 0) await onItsWay;
      const file = filesOf(log.directory, log.sink.chain).at(-1);
      const half = file === undefined || chance.below(2) === 0 ? '' : readFileSync(join(log.directory, file), 'latin1');
      const torn = half.slice(0, chance.below(Math.min(half.length, half.indexOf('\n') + 1)));
      const dead = log;
      log = log.crash(join(directoryOf(), 'copy'), torn);
      await onItsWay;
      await dead.close();
    }
    return { log, hasCrashed };
  }

  it(`raises no false alarm: ${LIVES} logs, crashes included`, async () => {
    const chance = chanceOf(SEED);
    const wrong: unknown[] = [];
    let crashed = 0;
    for (let round = 0; round < LIVES; round++) {
      const { log, hasCrashed } = await live(chance);
      if (hasCrashed) crashed++;
      const copy = copyOf(log.directory, join(directoryOf(), 'copy'));
      // A killed process without a successor leaves a log open; everything else must be clean.
      const { verdict, problems } = await verifyAuditLog(copy, log.proof);
      const isRight = hasCrashed ? verdict !== 'tampered' : verdict === 'clean';
      if (!isRight && readdirSync(log.directory).length > 0 && problems[0]?.class !== 'empty') {
        wrong.push({ round, hasCrashed, verdict, first: problems[0], directory: log.directory });
      }
      rmSync(log.directory, { recursive: true });
    }
    expect(wrong).toEqual([]);
    expect(crashed).toBeGreaterThan(LIVES / 5);
  }, 3_600_000);
});
