// Real: the command with its verbs, files in a folder of their own. Faked: the process's streams.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCommand } from '../../src/cli/command.js';

const folder = mkdtempSync(join(tmpdir(), 'token-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (claims: unknown): string => `${part({ alg: 'RS256', typ: 'at+jwt', kid: 'k1' })}.${part(claims)}.c2ln`;

async function run(args: readonly string[], stdin = ''): Promise<{ code: number; out: string; error: string }> {
  const written = { out: '', error: '' };
  const code = await runCommand(args, {
    out: (text) => (written.out += `${text}\n`),
    error: (text) => (written.error += `${text}\n`),
    stdin: () => Promise.resolve(stdin),
  });
  return { code, ...written };
}
const explain = (...args: readonly string[]) => run(['token', 'explain', ...args]);

const MACHINE = {
  iss: 'https://acme.eu.auth0.com/',
  sub: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients',
  azp: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx',
  gty: 'client-credentials',
  scope: 'read:orders write:orders',
  iat: 1767225600,
  exp: 1767229200,
};

describe('token explain', () => {
  it('prints claims, verdict, reasons and the preset to choose, and says before and after that nothing was verified', async () => {
    const { code, out, error } = await explain(tokenOf(MACHINE));
    expect({ code, error }).toEqual({ code: 0, error: '' });
    for (const text of [
      'alg: "RS256"',
      'sub: "awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients"',
      'exp: 1767229200  (2026-01-01T01:00:00.000Z)',
      'Client: awZfdIir8YFdGZWkvCejDoUb7SjTDicx',
      'Scopes: read:orders write:orders',
      'This token is for: a machine (m2m).',
      'client-credentials-grant: the grant was client credentials',
      'Preset to choose: auth0 (Auth0)',
      'With it: a machine (m2m).',
    ]) {
      expect(out).toContain(text);
    }
    expect(out.trim().split('\n')[0]).toMatch(/^NOT VERIFIED/);
    expect(out.trim().split('\n').at(-1)).toMatch(/^NOT VERIFIED/);
  });

  it('does not print the signature, with which the output would be a token again', async () => {
    expect((await explain(tokenOf(MACHINE))).out).not.toContain('c2ln');
  });

  it('reads a file, standard input, a whole header line, and the JSON of claims alike', async () => {
    const file = join(folder, 'token.txt');
    writeFileSync(file, `${tokenOf(MACHINE)}\n`);
    const machine = expect.stringContaining('a machine (m2m)');
    expect((await explain(file)).out).toEqual(machine);
    expect((await run(['token', 'explain', '-'], `\uFEFF${tokenOf(MACHINE)}\r\n`)).out).toEqual(machine);
    expect((await explain(`Authorization: Bearer ${tokenOf(MACHINE)}`)).out).toEqual(machine);
    expect((await explain(`bearer ${tokenOf(MACHINE)}`)).out).toEqual(machine);
    expect((await explain(JSON.stringify(MACHINE))).out).toEqual(machine);
  });

  it('judges with a preset that is named', async () => {
    const claims = tokenOf({ iss: 'https://id.example.com', sub: '123', client_id: 'mobile' });
    expect((await explain(claims)).out).toContain('not told by this token (unknown)');
    const { out } = await explain('--provider', 'duende', claims);
    expect(out).toContain('a person (human)');
    expect(out).toContain('Decided by: the preset "duende".');
  });

  it.each<[string, readonly string[], string]>([
    ['no argument', [], 'Give one token'],
    ['two', ['a.b.c', 'd.e.f'], 'Give one token'],
    ['an unknown option', ['--verbose', 'a.b.c'], '--verbose is no option'],
    ['a provider that is none', ['--provider', 'auth', 'a.b.c'], 'Did you mean "auth0"?'],
    ['a provider without a name', ['--provider'], '--provider needs a name'],
  ])('exits with 3 for %s, and says how it is used', async (_what, args, message) => {
    const { code, out, error } = await explain(...args);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(error).toContain(message);
    expect(error).toContain('Usage: nestjs-auth-services token explain [--provider NAME] TOKEN|FILE|-');
  });

  it.each<[string, string, string]>([
    ['an opaque token', 'ghp_0123456789', 'An opaque token has no claims to read.'],
    ['a mistyped file name', 'token.prod.txt', 'and no file'],
    ['a mistyped file name with more dots', 'a.b.c.d.e', 'and no file'],
    ['an encrypted token', `${part({ alg: 'dir', enc: 'A256GCM' })}..b.c.d`, 'encrypted token (JWE)'],
    ['a middle part that is no base64url', `${part({})}.!!!.c`, 'no base64url of JSON'],
    [
      'a middle part that is no JSON',
      `${part({})}.${Buffer.from('{').toString('base64url')}.c`,
      'no base64url of JSON',
    ],
    ['broken JSON', '{"sub":', 'looks like JSON and is none'],
    ['nothing', ' ', 'There is nothing to read'],
  ])('exits with 1 for %s, and says what it is', async (_what, input, message) => {
    const { code, out, error } = await explain(input);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toContain(message);
  });

  it('does not read what is too large to be a token', async () => {
    const file = join(folder, 'large.txt');
    writeFileSync(file, 'a'.repeat(2_000_000));
    expect(await explain(file)).toMatchObject({ code: 1, error: expect.stringContaining('mebibyte') });
    expect(await run(['token', 'explain', '-'], 'a'.repeat(2_000_000))).toMatchObject({ code: 1 });
    expect(await explain(folder)).toMatchObject({ code: 1 });
  });

  it('writes nothing that a terminal would obey, because the claims are a stranger’s', async () => {
    const { out } = await explain(
      tokenOf({
        'a\u001b[31m': '\u001b]0;x\u0007',
        b: '\u202Edeb',
        c: '\u009b2J',
        sub: 'x'.repeat(5_000),
        client_id: '\u001b[2J\u009b2J\u202E',
        scope: '\u009b2J',
        iss: 'https://\u009b2J\u202E.auth0.com/',
      }),
    );
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(out.length).toBeLessThan(4_000);
  });

  it('survives any input: 0, 1 or 3, never an exception', async () => {
    const input = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.anything().map(tokenOfAnything),
      fc.json(),
      fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(input, async (text) => {
        const { code, error } = await run(['token', 'explain', '-'], text);
        expect([0, 1]).toContain(code);
        expect(error).not.toContain('failed');
        expect([0, 1, 3]).toContain((await explain(text)).code);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the command', () => {
  it('lists its verbs, with 3 where one was left out or is none', async () => {
    expect(await run([])).toMatchObject({ code: 3, out: expect.stringContaining('token explain') });
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('token explain') });
    expect(await run(['token'])).toMatchObject({
      code: 3,
      out: '',
      error: expect.stringContaining('"token" is no verb'),
    });
    expect(await run(['token', 'explode'])).toMatchObject({ code: 3, error: expect.stringContaining('token explain') });
  });

  it('tells what a verb is for', async () => {
    const { code, out } = await explain('--help');
    expect(code).toBe(0);
    expect(out).toContain('Verifies nothing.');
    expect(out).toContain('Usage: nestjs-auth-services token explain');
  });

  it('says in one line what went wrong in a verb, without a stack', async () => {
    const failing = { name: 'fail', usage: '', summary: '', run: () => Promise.reject(new Error('no disk')) };
    let error = '';
    const streams = {
      out: () => undefined,
      error: (text: string) => (error += text),
      stdin: () => Promise.resolve(''),
    };
    expect(await runCommand(['fail'], streams, [failing])).toBe(1);
    expect(error).toBe('fail failed: no disk');
  });
});

function tokenOfAnything(value: unknown): string {
  try {
    return tokenOf(value);
  } catch {
    return 'no JSON';
  }
}
