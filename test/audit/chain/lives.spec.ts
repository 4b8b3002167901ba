// Real: the sink, its keys and its files over starts, crashes, thefts and retention. Faked: in some, the disk under it.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuditLogger } from '../../../src/audit/audit-logger.js';
import { nodeFs, type ChainFs } from '../../../src/audit/chain/chain-fs.js';
import { newestEpoch } from '../../../src/audit/chain/ratchet-state.js';
import { verifyAuditLog } from '../../../src/audit/chain/verify/verify-audit-log.js';
import { FileAuditSink } from '../../../src/audit/sinks/file-audit-sink.js';
import { compileAudit } from '../compiled.js';
import { entry, event, ownDirectory } from '../support.js';
import { filesOf, linesOf, Log, newKeys, writeLines } from './logs.js';

const directoryOf = ownDirectory();
const classes = (problems: readonly { class: string }[]): string[] => problems.map((problem) => problem.class);
const typesIn = (directory: string): string[] =>
  filesOf(directory).flatMap((file) => linesOf(directory, file).map((line) => (JSON.parse(line) as { t: string }).t));

describe('the ratchet', () => {
  const statesIn = (directory: string): Buffer[] =>
    fs
      .readdirSync(join(directory, 'ratchet'), { withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ name }) => fs.readFileSync(join(directory, 'ratchet', name)));

  it('puts the next key on the disk before it uses one, because a crash must never let a key be used twice', async () => {
    const directory = directoryOf();
    const keys = newKeys();
    const seen: { used: number; onDisk: number | undefined }[] = [];
    const files: ChainFs = {
      ...nodeFs,
      write: (fd, buffer, offset, length, position, done) => {
        const used = /"t":"checkpoint".*?epoch (\d+)/.exec(Buffer.from(buffer).toString('utf8'))?.[1];
        if (used !== undefined) {
          const states = statesIn(directory).map((bytes) => newestEpoch(bytes)?.epoch);
          seen.push({ used: Number(used), onDisk: states.find((epoch) => epoch !== undefined) });
        }
        nodeFs.write(fd, buffer, offset, length, position, done);
      },
    };
    const sink = new FileAuditSink(
      { directory, ...pick(keys), checkpointEvery: { records: 10, seconds: 1000 } },
      files,
    );
    for (let index = 0; index < 50; index++) await sink.write([event(index)]);
    await sink.close();
    expect(seen.length).toBeGreaterThan(3);
    for (const { used, onDisk } of seen) expect(onDisk).toBe(used + 1);
    expect((await verifyAuditLog(directory, keysFor(keys))).verdict).toBe('clean');
  });

  it('leaves neither the first key nor any that is spent in the directory', async () => {
    const log = new Log(directoryOf(), newKeys());
    const spent: string[] = [Buffer.from(log.keys.ratchetKey, 'hex').toString('base64'), log.keys.ratchetKey];
    for (let round = 0; round < 4; round++) {
      await log.write(10);
      const key = statesIn(log.directory).flatMap((bytes) => newestEpoch(bytes)?.key.toString('base64') ?? []);
      spent.push(...key);
    }
    await log.write(20);
    const left = statesIn(log.directory)
      .map((bytes) => bytes.toString('latin1'))
      .join('');
    for (const key of spent) expect(left).not.toContain(key);
    await log.close();
    // An end that is signed leaves no key of the chain at all.
    expect(fs.readdirSync(join(log.directory, 'ratchet')).filter((name) => name.endsWith('.epoch'))).toEqual([]);
  });

  it('goes on without the first key once it has begun, so that no host has to keep it', async () => {
    const log = new Log(directoryOf(), newKeys());
    await log.write(12);
    await log.close();
    log.open({ ratchetKey: undefined });
    await log.write(12);
    await log.close();
    expect((await verifyAuditLog(log.directory, log.proof)).verdict).toBe('clean');
    for (const name of fs.readdirSync(join(log.directory, 'ratchet'))) {
      expect(fs.statSync(join(log.directory, 'ratchet', name)).mode & 0o777).toBe(0o600);
    }
  });

  it('gives each of several processes that start at once a generation of its own', async () => {
    const directory = directoryOf();
    const keys = newKeys();
    const logs = Array.from({ length: 6 }, () => new Log(directory, keys));
    await Promise.all(logs.map((log) => log.write(5)));
    await Promise.all(logs.map((log) => log.close()));
    const generations = filesOf(directory).map(
      (file) => JSON.parse(linesOf(directory, file)[0]!).ratchet.generation as number,
    );
    expect(generations.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await verifyAuditLog(directory, logs[0]!.proof)).verdict).toBe('clean');
  });
});

const pick = ({ signingKey, ratchetKey }: { signingKey: string; ratchetKey: string }) => ({ signingKey, ratchetKey });
const keysFor = ({ publicKey, ratchetKey }: { publicKey: string; ratchetKey: string }) => ({ publicKey, ratchetKey });

describe('a crash', () => {
  async function crashed(torn = ''): Promise<Log> {
    const log = new Log(directoryOf(), newKeys());
    await log.write(64);
    return log.crash(join(directoryOf(), 'copy'), torn);
  }

  it('leaves a log that is incomplete by at most one interval, and clean with the receipts that were given', async () => {
    const log = await crashed('{"v":1,"chain":"half a rec');
    const before = await verifyAuditLog(log.directory, log.proof);
    expect(before.verdict).toBe('incomplete');
    expect(before.chains[0]!.possiblyMissing).toBeLessThanOrEqual(10);
    log.open({ ratchetKey: undefined });
    await log.write(5);
    await log.close();
    const after = await verifyAuditLog(log.directory, log.proof);
    expect(after).toMatchObject({ verdict: 'incomplete', problems: [{ class: 'open-end' }] });
    expect(after.chains[0]!.possiblyMissing).toBeLessThanOrEqual(10);
    expect((await verifyAuditLog(log.directory, { ...log.proof, receipts: log.receipts })).verdict).toBe('clean');
    expect(typesIn(log.directory)).toContain('recover');
  });

  it('gives nobody the chance to cut deeper before the next start, not even with every key the host has', async () => {
    const log = await crashed();
    const [file] = filesOf(log.directory);
    const lines = linesOf(log.directory, file!);
    const cut = lines.findIndex((line) => line.includes('"t":"checkpoint"')) + 1;
    writeLines(log.directory, file!, lines.slice(0, cut));
    expect((await verifyAuditLog(log.directory, log.proof)).problems[0]).toMatchObject({
      class: 'cut-tail',
      file,
      line: cut,
    });
    // Also when the application itself then takes the cut chain over.
    log.open({ ratchetKey: undefined });
    await log.write(5);
    await log.close();
    const { verdict, problems } = await verifyAuditLog(log.directory, log.proof);
    expect({ verdict, first: problems[0] }).toMatchObject({ verdict: 'tampered', first: { class: 'cut-tail', file } });
  });

  it('is not clean when somebody has removed what the dead chain had to hand over', async () => {
    const log = await crashed();
    fs.rmSync(join(log.directory, 'ratchet'), { recursive: true });
    expect((await verifyAuditLog(log.directory, log.proof)).verdict).toBe('incomplete');
  });

  it('does not make the torn bytes that it declares a place to hide: they must stay as they are', async () => {
    const log = await crashed('{"v":1,"chain":"half a rec');
    log.open();
    await log.write(5);
    await log.close();
    const file = filesOf(log.directory).find((name) =>
      fs.readFileSync(join(log.directory, name), 'utf8').endsWith('half a rec'),
    )!;
    const bytes = fs.readFileSync(join(log.directory, file), 'utf8');
    for (const changed of [bytes.replace('half a rec', 'half a fix'), bytes.slice(0, -5), `${bytes}ord"}\n`]) {
      fs.writeFileSync(join(log.directory, file), changed);
      expect((await verifyAuditLog(log.directory, log.proof)).verdict).toBe('tampered');
    }
  });

  it('of a process that died before its first record is told by the next', async () => {
    const log = new Log(directoryOf(), newKeys());
    await log.write(3);
    await log.close();
    log.open();
    await log.write(3);
    const copy = log.crash(join(directoryOf(), 'copy'));
    for (const file of filesOf(copy.directory, log.sink.chain)) fs.rmSync(join(copy.directory, file));
    await copy.write(3);
    await copy.close();
    const { verdict, problems } = await verifyAuditLog(copy.directory, copy.proof);
    expect({ verdict, classes: classes(problems) }).toEqual({ verdict: 'incomplete', classes: ['open-end'] });
  });
});

describe('retention', () => {
  it('removes what it has named, and the rest verifies, over restarts; what it has not named is missed', async () => {
    const log = new Log(directoryOf(), newKeys(), { maxSegmentBytes: 4096, retainSegments: 4 });
    for (let start = 0; start < 3; start++) {
      if (start > 0) log.open();
      await log.write(60);
      await log.close();
    }
    const left = filesOf(log.directory);
    expect(left.length).toBeLessThanOrEqual(5);
    const { verdict, problems, chains } = await verifyAuditLog(log.directory, log.proof);
    expect({ verdict, problems }).toEqual({ verdict: 'clean', problems: [] });
    expect(chains.at(-1)!.records).toBeLessThan(chains.at(-1)!.lastSeq);
    fs.rmSync(
      join(
        log.directory,
        left.find((file) => file.startsWith(log.sink.chain))!,
      ),
    );
    const after = await verifyAuditLog(log.directory, log.proof);
    expect(after).toMatchObject({
      verdict: 'tampered',
      problems: [{ class: expect.stringMatching(/missing|cut-tail/) }],
    });
  });
});

describe('what is said without keys', () => {
  it('is incomplete: a chain that anybody could have made proves nothing', async () => {
    const directory = directoryOf();
    const sink = new FileAuditSink({ directory });
    await sink.write([event(0)]);
    await sink.close();
    const { publicKey } = newKeys();
    for (const options of [{}, { publicKey }]) {
      expect(await verifyAuditLog(directory, options)).toMatchObject({
        verdict: 'incomplete',
        problems: [{ class: 'unsigned' }],
      });
    }
    const log = new Log(directoryOf(), newKeys());
    await log.write(3);
    await log.close();
    expect(await verifyAuditLog(log.directory)).toMatchObject({
      verdict: 'incomplete',
      problems: [{ class: 'unsigned' }],
    });
    expect((await verifyAuditLog(log.directory, { publicKey: log.keys.publicKey })).verdict).toBe('clean');
    expect((await verifyAuditLog(log.directory, { ratchetKey: log.keys.ratchetKey })).verdict).toBe('clean');
    expect(await verifyAuditLog(log.directory, { ratchetKey: newKeys().ratchetKey })).toMatchObject({
      verdict: 'tampered',
    });
    expect(await verifyAuditLog(directoryOf(), log.proof)).toMatchObject({
      verdict: 'incomplete',
      problems: [{ class: 'empty' }],
    });
  });
});

describe('a disk in trouble', () => {
  it('leaves a signed log that is clean, with the loss inside a gap record', async () => {
    const directory = directoryOf();
    const keys = newKeys();
    let isFull = false;
    const files: ChainFs = {
      ...nodeFs,
      write: (fd, buffer, offset, length, position, done) =>
        isFull
          ? done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), 0)
          : nodeFs.write(fd, buffer, offset, length, position, done),
    };
    const sink = new FileAuditSink(
      { directory, ...pick(keys), checkpointEvery: { records: 20, seconds: 1000 } },
      files,
    );
    const logger = new AuditLogger({ sinks: [sink], queue: { maxEvents: 100 } }, undefined, undefined, {
      backoffMs: 1,
      maxBackoffMs: 2,
    });
    await logger.append(entry(0));
    isFull = true;
    for (let index = 1; index < 500; index++) logger.log(entry(index));
    await expect(logger.append(entry(500))).rejects.toMatchObject({ code: 'ERR_AUTH_SERVICES_AUDIT_UNAVAILABLE' });
    isFull = false;
    while (logger.status.queued > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await logger.append(entry(501));
    await logger.close();
    const { verdict, problems } = await verifyAuditLog(directory, keysFor(keys));
    expect({ verdict, problems }).toEqual({ verdict: 'clean', problems: [] });
    const records = filesOf(directory).flatMap((file) =>
      linesOf(directory, file).map((line) => JSON.parse(line) as Record<string, unknown>),
    );
    const lost = records.filter(({ t }) => t === 'gap').reduce((sum, { count }) => sum + (count as number), 0);
    expect(records.filter(({ t }) => t === 'event').length + lost).toBe(502);
    expect(records.find(({ t }) => t === 'gap')).toMatchObject({ eventType: 'audit.gap' });
  });

  it('of the second place stops nothing: a checkpoint that cannot be anchored is said once', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const log = new Log(directoryOf(), newKeys(), {
      onCheckpoint: () => Promise.reject(new Error('the bucket is gone')),
    });
    await log.write(40);
    await log.close();
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('the bucket is gone'), { code: 'AUTH_SERVICES_ANCHOR' }],
    ]);
    warn.mockRestore();
    expect((await verifyAuditLog(log.directory, log.proof)).verdict).toBe('clean');
  });
});

describe('containers', () => {
  const home = directoryOf();
  beforeAll(() => {
    compileAudit(home);
    fs.writeFileSync(
      join(home, 'child.js'),
      `import { writeSync } from 'node:fs';
      import { FileAuditSink } from './audit/sinks/file-audit-sink.js';
      // Every container's own process has this number.
      Object.defineProperty(process, 'pid', { value: 1 });
      const [directory, keys, instance] = process.argv.slice(2);
      const sink = new FileAuditSink({ directory, instance, ...JSON.parse(keys) });
      const write = () => sink.write([{ timestamp: new Date().toISOString(), eventType: 'paid', metadata: { instance } }]);
      process.stdin.on('data', async () => { await write(); await sink.close(); process.exit(0); });
      await write();
      writeSync(1, 'written');`,
    );
  });

  it('share a directory, a host name and a process number, each under its instance: none takes the other for dead', async () => {
    const directory = directoryOf();
    const keys = newKeys();
    const start = async (instance: string) => {
      const child = spawn(process.execPath, [join(home, 'child.js'), directory, JSON.stringify(pick(keys)), instance], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      return () => {
        const ended = new Promise((resolve) => child.on('close', resolve));
        child.stdin.end('go on');
        return ended;
      };
    };
    const endFirst = await start('api-1');
    const endSecond = await start('api-2');
    await endFirst();
    await endSecond();
    const { verdict, problems, chains } = await verifyAuditLog(directory, keysFor(keys));
    expect({ verdict, problems }).toEqual({ verdict: 'clean', problems: [] });
    expect(new Set(chains.map(({ id }) => id.split('.')[0]))).toEqual(new Set(['api-1', 'api-2']));
    const records = filesOf(directory).flatMap((file) => linesOf(directory, file));
    expect(records.filter((line) => line.includes('"t":"recover"'))).toEqual([]);
    expect(records.filter((line) => line.includes('"t":"event"'))).toHaveLength(4);
  });
});

describe('SIGKILL', () => {
  const home = directoryOf();
  beforeAll(() => {
    compileAudit(home);
    fs.writeFileSync(
      join(home, 'child.js'),
      `import { writeSync } from 'node:fs';
      import { AuditLogger } from './audit/audit-logger.js';
      import { FileAuditSink } from './audit/sinks/file-audit-sink.js';
      const [directory, keys, first] = process.argv.slice(2);
      const sink = new FileAuditSink({ directory, ...JSON.parse(keys), maxSegmentBytes: 65536, checkpointEvery: { records: 50, seconds: 0.05 } });
      const logger = new AuditLogger({ sinks: [sink] });
      let index = Number(first);
      const client = async () => {
        for (;;) {
          const mine = index++;
          await logger.append({ eventType: 'paid', metadata: { index: mine } });
          writeSync(1, mine + '\\n');
        }
      };
      for (let each = 0; each < 8; each++) void client();`,
    );
  });

  it('loses no acknowledged event, again and again, and each start takes the dead chain over (200 times: npm run proof:kill9)', async () => {
    const directory = directoryOf();
    const keys = newKeys();
    const confirmed: number[] = [];
    for (let start = 0; start < 4; start++) {
      const child = spawn(
        process.execPath,
        [join(home, 'child.js'), directory, JSON.stringify(pick(keys)), String(start * 1e6)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        // Somewhere in the middle of the work.
        if (said.length > 600 + start * 500) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.on('close', resolve));
      // The last line may be cut as well.
      confirmed.push(...said.slice(0, said.lastIndexOf('\n')).split('\n').map(Number));
    }
    const stored = new Set<number>();
    for (const file of filesOf(directory)) {
      for (const line of linesOf(directory, file)) {
        if (line.includes('"t":"event"'))
          stored.add((JSON.parse(line) as { metadata: { index: number } }).metadata.index);
      }
    }
    expect(confirmed.length).toBeGreaterThan(400);
    expect(confirmed.filter((index) => !stored.has(index))).toEqual([]);
    const { verdict, problems, chains } = await verifyAuditLog(directory, keysFor(keys));
    expect({ verdict, classes: new Set(classes(problems)) }).toEqual({
      verdict: 'incomplete',
      classes: new Set(['open-end']),
    });
    expect(chains).toHaveLength(4);
  }, 60_000);
});
