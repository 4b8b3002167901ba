// Real: the command with its verbs, keys and logs in folders of their own. Faked: the process's streams.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runCommand } from '../../src/cli/command.js';
import { copyOf, filesOf, linesOf, Log, writeLines, type LogKeys } from '../audit/chain/logs.js';
import { ownDirectory } from '../audit/support.js';

const directoryOf = ownDirectory();

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  readonly drawn: readonly string[];
}

async function run(...args: readonly string[]): Promise<Said> {
  const drawn: string[] = [];
  const written = { out: '', error: '' };
  const code = await runCommand(args, {
    out: (text) => (written.out += `${text}\n`),
    error: (text) => (written.error += `${text}\n`),
    redraw: (text) => drawn.push(text),
    stdin: () => Promise.resolve(''),
  });
  return { code, ...written, drawn };
}

describe('audit keygen', () => {
  it('writes keys that the sink takes, the secret ones for this user only, and says where each belongs', async () => {
    const keys = join(directoryOf(), 'made', 'keys');
    const { code, out, error } = await run('audit', 'keygen', '--out', keys);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    for (const [name, mode] of [
      ['audit-signing.pem', 0o600],
      ['audit-signing.pub.pem', 0o644],
      ['audit-ratchet.key', 0o600],
    ] as const) {
      expect(fs.statSync(join(keys, name)).mode & 0o777).toBe(mode);
      expect(out).toContain(join(keys, name));
    }
    expect(out).toMatch(/belongs to the host[^]*FileAuditSink\.signingKey[^]*--public-key[^]*belongs to the verifier/);
    for (const secret of ['audit-signing.pem', 'audit-ratchet.key']) {
      expect(out).not.toContain(fs.readFileSync(join(keys, secret), 'utf8').trim().split('\n').at(-1));
    }
    const log = new Log(directoryOf(), keysIn(keys));
    await log.write(5);
    await log.close();
    const args = [
      '--public-key',
      join(keys, 'audit-signing.pub.pem'),
      '--ratchet-key',
      join(keys, 'audit-ratchet.key'),
    ];
    expect(await run('audit', 'verify', log.directory, ...args)).toMatchObject({ code: 0, error: '' });
  });

  it('never overwrites a key, because that would orphan every log signed with it', async () => {
    const keys = directoryOf();
    await run('audit', 'keygen', '--out', keys);
    const before = fs.readFileSync(join(keys, 'audit-signing.pem'), 'utf8');
    expect(await run('audit', 'keygen', '--out', keys)).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringContaining('never overwritten'),
    });
    expect(fs.readFileSync(join(keys, 'audit-signing.pem'), 'utf8')).toBe(before);
  });

  it.each([[[]], [['--out']], [['--out', '--json']], [['--out', 'a', 'b']], [['a']]])(
    'asks for a directory: %j',
    async (args) => {
      const said = await run('audit', 'keygen', ...args);
      expect(said).toMatchObject({ code: 3, out: '' });
      expect(said.error).toContain('--out DIR');
    },
  );
});

function keysIn(directory: string): LogKeys {
  const read = (name: string): string => fs.readFileSync(join(directory, name), 'utf8');
  return {
    signingKey: read('audit-signing.pem'),
    publicKey: read('audit-signing.pub.pem'),
    ratchetKey: read('audit-ratchet.key').trim(),
  };
}

describe('audit verify', () => {
  let log: Log;
  let crashed: Log;
  let keys: string;
  let args: readonly string[];
  beforeAll(async () => {
    keys = directoryOf();
    await run('audit', 'keygen', '--out', keys);
    args = ['--public-key', join(keys, 'audit-signing.pub.pem'), '--ratchet-key', join(keys, 'audit-ratchet.key')];
    log = new Log(directoryOf(), keysIn(keys));
    await log.write(40);
    await log.close();
    const running = new Log(directoryOf(), keysIn(keys));
    await running.write(25);
    crashed = running.crash(join(directoryOf(), 'copy'));
  });
  const verify = (directory: string, ...more: readonly string[]): Promise<Said> =>
    run('audit', 'verify', directory, ...args, ...more);

  it('says clean and ends with 0', async () => {
    const { code, out, error } = await verify(log.directory);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^CLEAN: [^\n]*\n\d+ records in 1 chains\.\n$/);
  });

  it('names what was done, with file, line and sequence, and ends with 1', async () => {
    const copy = copyOf(log.directory, join(directoryOf(), 'copy'));
    const [file] = filesOf(copy);
    writeLines(copy, file!, linesOf(copy, file!).with(6, linesOf(copy, file!)[6]!.replace('orders', 'order5')));
    const { code, out } = await verify(copy);
    expect(code).toBe(1);
    expect(out).toMatch(/^TAMPERED: /);
    expect(out).toContain(`edited: ${file}, line 7, seq 7: record 7 has been changed`);
  });

  it('says incomplete, how many records may be missing, and ends with 2', async () => {
    const { code, out } = await verify(crashed.directory);
    expect(code).toBe(2);
    expect(out).toMatch(/^INCOMPLETE: [^]*open-end: [^]*up to \d+ more may be missing\.\n$/);
    expect(await run('audit', 'verify', log.directory)).toMatchObject({
      code: 2,
      out: expect.stringContaining('unsigned'),
    });
  });

  it('takes receipts as an array or one a line, and anchors as they were handed out', async () => {
    const folder = directoryOf();
    const file = (name: string, content: string): string => {
      fs.writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const array = file('receipts.json', JSON.stringify(crashed.receipts));
    const lines = file('receipts.jsonl', crashed.receipts.map((receipt) => JSON.stringify(receipt)).join('\n'));
    const anchors = file('anchors.txt', log.anchors.join('\n'));
    const escaped = file('anchors.jsonl', log.anchors.map((anchor) => JSON.stringify(anchor)).join('\n'));
    expect(await verify(crashed.directory, '--receipts', array)).toMatchObject({ code: 0 });
    expect(await verify(crashed.directory, '--receipts', lines)).toMatchObject({ code: 0 });
    const cut = copyOf(log.directory, join(directoryOf(), 'copy'));
    const [segment] = filesOf(cut);
    writeLines(cut, segment!, linesOf(cut, segment!).slice(0, 8));
    expect(await verify(cut)).toMatchObject({ code: 2 });
    for (const given of [anchors, escaped]) {
      const { code, out } = await verify(cut, '--anchors', given);
      expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/rollback: .*ends with record 8/) });
    }
    expect(await verify(log.directory, '--chains', `${log.sink.chain},web-9`)).toMatchObject({
      code: 1,
      out: expect.stringContaining('missing-chain: the chain web-9 is not there'),
    });
  });

  it('writes the whole answer as JSON for a machine', async () => {
    const { code, out } = await verify(crashed.directory, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'incomplete',
      problems: [
        { class: 'open-end', file: expect.any(String), line: expect.any(Number), message: expect.any(String) },
      ],
      chains: [
        {
          id: crashed.sink.chain.replace(
            /.*/,
            (id) => (JSON.parse(out) as { chains: { id: string }[] }).chains[0]!.id || id,
          ),
        },
      ],
    });
  });

  it.each<[readonly string[], RegExp]>([
    [[], /Give the directory of the log/],
    [['a', 'b'], /Give the directory of the log/],
    [['/does/not/exist'], /ENOENT/],
    [['.', '--public-key'], /--public-key needs a value/],
    [['.', '--public-key', 'package.json'], /^--public-key must be an Ed25519 public key in PEM/],
    [['.', '--receipts', 'README.md'], /--receipts must be a JSON array/],
    [['.', '--anchors', 'package.json'], /--anchors\[0\] must be a note/],
    [['.', '--colour'], /--colour is no option of audit verify/],
  ])('ends with 3 where the call makes no sense, never with the code of a tampered log: %j', async (given, message) => {
    const said = await run('audit', 'verify', ...given);
    expect(said).toMatchObject({ code: 3, out: '' });
    expect(said.error).toMatch(message);
  });

  it('lets nothing of a log reach the terminal as a command', async () => {
    const copy = copyOf(log.directory, join(directoryOf(), 'copy'));
    const [file] = filesOf(copy);
    fs.renameSync(join(copy, file!), join(copy, `\u001b[2J${file}`));
    const { out } = await verify(copy);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('\\u001b[2J');
  });
});
