// Real: the tarball that npm would publish, installed by npm into an empty folder, and the command run as npx runs it.
// Nothing is faked; nothing else is installed there, no Nest and no peer.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-command-'));
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packing = ['pack', resolve('.'), '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = Object.values(JSON.parse(run('npm', ...packing)) as object) as [{ filename: string }];
  run('npm', 'install', '--offline', '--legacy-peer-deps', '--no-audit', '--no-fund', `./${filename}`);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('explains a token from the packed package, and says that nothing was verified', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256' })}.${part({ sub: 'svc', client_id: 'svc' })}.c2ln`;
  writeFileSync(join(folder, 'token.txt'), token);
  for (const source of [token, 'token.txt']) {
    const said = run('npx', '--offline', 'nestjs-auth-services', 'token', 'explain', source);
    expect(said).toContain('This token is for: a machine (m2m).');
    expect(said).toContain('NOT VERIFIED');
  }
});

it.each([
  ['grafana', 'grafana/auth-services.json'],
  ['rules', 'prometheus/rules.yml'],
])('hands out %s from the packed package, through the link of npm', (verb, path) => {
  const expected = readFileSync(resolve(path), 'utf8');
  expect(run('npx', '--offline', 'nestjs-auth-services', 'metrics', verb)).toBe(expected);
  run('npx', '--offline', 'nestjs-auth-services', 'metrics', verb, '--out', `${verb}.txt`);
  expect(readFileSync(join(folder, `${verb}.txt`), 'utf8')).toBe(expected);
});

it('has a first line that every system understands: npm makes its Windows commands from it, and a carriage return breaks it', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
  expect(Object.keys(bin)).toEqual(['nestjs-auth-services']);
  for (const file of Object.values(bin)) {
    expect(readFileSync(resolve(file), 'utf8').split('\n', 1)).toEqual(['#!/usr/bin/env node']);
  }
});
