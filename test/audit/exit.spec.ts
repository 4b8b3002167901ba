// Real: processes of their own that end in every way they can, and the files they leave. Faked: nothing.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { checkChain } from './chain/checker.js';
import { compileAudit } from './compiled.js';
import { ownDirectory } from './support.js';

const directoryOf = ownDirectory();
const home = directoryOf();

const CHILD = `
import { appendFileSync } from 'node:fs';
import { AuditLogger } from './audit/audit-logger.js';
import { FileAuditSink } from './audit/sinks/file-audit-sink.js';
const [directory, how] = process.argv.slice(2);
const plain = { name: 'plain', write(events) { for (const e of events) appendFileSync(directory + '/plain', e.metadata.index + '\\n'); } };
const logger = new AuditLogger({ sinks: [new FileAuditSink({ directory: directory + '/chain' }), plain] });
let index = 0;
const log = (count) => { while (count-- > 0) logger.log({ eventType: 'request_success', metadata: { index: index++ } }); };
const tick = () => new Promise((resolve) => setImmediate(resolve));
log(50);
// Some are written, some are in a write, some wait.
for (let turn = 0; turn < 12; turn++) { log(20); await tick(); }
log(30);
if (how === 'exit') process.exit(0);
if (how === 'throw') throw new Error('uncaught');
if (how === 'reject') void Promise.reject(new Error('unhandled'));
if (how === 'sigterm') {
  process.on('SIGTERM', () => { log(10); process.exit(0); });
  setInterval(() => undefined, 1000);
  process.stdout.write('ready');
}
if (how === 'killed' || how === 'beside' || how === 'polite') {
  // Somebody who decides when the process ends, or signal-exit, which ends it only where nobody else listens.
  if (how === 'beside') process.on('SIGTERM', () => { log(10); setTimeout(() => process.exit(7), 50); });
  if (how === 'polite') {
    const { onExit } = await import('signal-exit');
    onExit(() => undefined);
  }
  setInterval(() => undefined, 1000);
  process.stdout.write('ready');
  // Up to the very signal: some of these wait, some are in a write.
  if (how !== 'beside') for (;;) { log(1); appendFileSync(directory + '/logged', '.'); await tick(); }
}
if (how === 'close') {
  process.on('SIGTERM', async () => { log(10); await logger.close(); process.exit(0); });
  setInterval(() => undefined, 1000);
  process.stdout.write('ready');
}
`;

beforeAll(() => {
  compileAudit(home);
  writeFileSync(join(home, 'child.js'), CHILD);
});

/** How it ended: its exit code, or the signal. */
function run(directory: string, how: string): Promise<number | string | null> {
  mkdirSync(directory, { recursive: true });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(home, 'child.js'), directory, how], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.on('data', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}

describe('the end of the process', () => {
  it.each([
    ['end', 320],
    ['exit', 320],
    ['throw', 320],
    ['reject', 320],
    ['sigterm', 330],
    ['close', 330],
  ])('loses no buffered event, in the file or in a sink that writes at once: %s', async (how, logged) => {
    const directory = join(directoryOf(), how);
    await run(directory, how);
    const expected = Array.from({ length: logged }, (_, index) => index);
    const { problems, events, records } = checkChain(join(directory, 'chain'));
    expect(problems).toEqual([]);
    expect(events.map(({ metadata }) => (metadata as { index: number }).index)).toEqual(expected);
    expect(records.at(-1)).toMatchObject({ t: 'end', reason: how === 'close' ? 'closed' : 'exit' });
    expect(readFileSync(join(directory, 'plain'), 'utf8').trim().split('\n').map(Number)).toEqual(expected);
  });

  it.each(['killed', 'polite'])(
    'loses no buffered event when SIGTERM comes and nobody else ends the process, which then dies of the signal: %s',
    async (how) => {
      const directory = join(directoryOf(), how);
      expect(await run(directory, how)).toBe('SIGTERM');
      const { problems, events, records } = checkChain(join(directory, 'chain'));
      expect(problems).toEqual([]);
      const logged = 320 + readFileSync(join(directory, 'logged')).length;
      // The signal may come between the two.
      expect(events.length - logged).toBeGreaterThanOrEqual(0);
      expect(events.length - logged).toBeLessThanOrEqual(1);
      expect(records.at(-1)).toMatchObject({ t: 'end', reason: 'exit' });
      expect(readFileSync(join(directory, 'plain'), 'utf8').trim().split('\n')).toHaveLength(events.length);
    },
  );

  it('leaves the end to whoever listens for the signal as well, and writes what is logged until then', async () => {
    const directory = join(directoryOf(), 'beside');
    expect(await run(directory, 'beside')).toBe(7);
    expect(checkChain(join(directory, 'chain')).events).toHaveLength(330);
  });
});
