// Real: the tarball that npm would publish, unpacked into an application's node_modules, loaded by plain Node as ESM and as
// CommonJS, and compiled under both module resolutions. Faked: the application's other dependencies are ours, linked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = resolve('.');
let app: string;
let packed: string[];

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-app-'));
  const packing = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', app], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const report = JSON.parse(packing) as
    { filename: string; files: { path: string }[] }[] | Record<string, { filename: string; files: { path: string }[] }>;
  const [tarball] = Object.values(report);
  packed = tarball!.files.map(({ path }) => path);
  const modules = join(app, 'node_modules');
  mkdirSync(join(modules, 'nestjs-auth-services'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  run('tar', '-xzf', tarball!.filename, '-C', join(modules, 'nestjs-auth-services'), '--strip-components', '1');
}, 60_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** The declarations that a compiler reads for an entry: the file and all that it imports, step by step. */
function typesReachedFrom(entry: string): string[] {
  const reached = new Set([entry]);
  for (const file of reached) {
    for (const [, to] of readFileSync(join(ROOT, file), 'utf8').matchAll(/from ['"](\.[^'"]+)\.js['"]/g)) {
      reached.add(join(dirname(file), `${to}.d.ts`));
    }
  }
  return [...reached];
}

const USES = `
class Routes { me() { return 'me'; } }
const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, 'me');
for (const decorate of [Get('me'), RateLimit({ maxRequests: 1 })]) decorate(Routes.prototype, 'me', descriptor);
Controller()(Routes);
class App {}
Module({ imports: [AuthServicesModule.forRoot({ audit: { logToConsole: false } })], controllers: [Routes] })(App);
async function main() {
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = 'http://127.0.0.1:' + app.getHttpServer().address().port + '/me';
  const statuses = [(await fetch(url)).status, (await fetch(url)).status];
  console.log(JSON.stringify({ statuses, injected: app.get(RateLimiterService) instanceof RateLimiterService, peers: [typeof JwtAuthModule, typeof TestIssuer] }));
  await app.close();
}
main();
`;
const EXPECTED = { statuses: [200, 429], injected: true, peers: ['function', 'function'] };

describe('the package', () => {
  it('boots in an ESM application', () => {
    const file = join(app, 'app.mjs');
    writeFileSync(
      file,
      `import 'reflect-metadata'; import { Controller, Get, Module } from '@nestjs/common'; import { NestFactory } from '@nestjs/core';
       import { AuthServicesModule, RateLimit, RateLimiterService } from 'nestjs-auth-services';
       import { JwtAuthModule } from 'nestjs-auth-services/jwt'; import { TestIssuer } from 'nestjs-auth-services/testing'; ${USES}`,
    );
    expect(JSON.parse(run(process.execPath, file))).toEqual(EXPECTED);
  });

  const CJS = `require('reflect-metadata'); const { Controller, Get, Module } = require('@nestjs/common'); const { NestFactory } = require('@nestjs/core');
    const { AuthServicesModule, RateLimit, RateLimiterService } = require('nestjs-auth-services');
    const { JwtAuthModule } = require('nestjs-auth-services/jwt'); const { TestIssuer } = require('nestjs-auth-services/testing');`;

  it('boots in a CommonJS application', () => {
    const file = join(app, 'app.cjs');
    writeFileSync(file, CJS + USES);
    expect(JSON.parse(run(process.execPath, file))).toEqual(EXPECTED);
  });

  it('has one copy of each class, imported or required, so that the container finds what it is asked for', () => {
    const file = join(app, 'one.mjs');
    writeFileSync(
      file,
      `import { createRequire } from 'node:module'; import { RateLimitGuard } from 'nestjs-auth-services';
       console.log(createRequire(import.meta.url)('nestjs-auth-services').RateLimitGuard === RateLimitGuard);`,
    );
    expect(run(process.execPath, file).trim()).toBe('true');
  });

  it('has a CommonJS copy that stands alone, for tools that cannot require ES modules', () => {
    const file = join(app, 'cjs-copy.cjs');
    writeFileSync(
      file,
      `const entry = require('node:path').join(require.resolve('nestjs-auth-services/package.json'), '..', 'dist', 'cjs');
       const all = ['', '/jwt', '/redis', '/testing'].map((path) => Object.keys(require(entry + path)).length);
       console.log(JSON.stringify(all.map((exported) => exported > 0)));`,
    );
    expect(JSON.parse(run(process.execPath, file))).toEqual([true, true, true, true]);
  });

  it.each([
    ['nodenext', 'nodenext', []],
    ['commonjs', 'node10', ['--ignoreDeprecations', '6.0']],
  ])(
    'is found by TypeScript, sub-paths too, with module %s and resolution %s',
    (module, resolution, extra) => {
      const file = join(app, `types-${resolution}.ts`);
      writeFileSync(
        file,
        `import { RateLimiter, type RateLimitDecision } from 'nestjs-auth-services';
       import { JwtAuthModule, type JwtUser } from 'nestjs-auth-services/jwt';
       import { RedisRateLimitStorage, type RedisClientLike } from 'nestjs-auth-services/redis';
       import { ManualClock, type ContractCase } from 'nestjs-auth-services/testing';
       export const limiter: RateLimiter = new RateLimiter({ maxRequests: 1 });
       export const used: [RateLimitDecision?, JwtUser?, ContractCase?, RedisClientLike?] = [];
       export const more = [JwtAuthModule, ManualClock, RedisRateLimitStorage];
       // @ts-expect-error a string is no number: the types are really there
       new RateLimiter({ maxRequests: '1' });`,
      );
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const flags = [
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--target',
        'es2022',
        '--skipLibCheck',
        '--types',
        'node',
      ];
      try {
        expect(
          run(process.execPath, tsc, ...flags, '--module', module, '--moduleResolution', resolution, ...extra, file),
        ).toBe('');
      } catch (error) {
        throw new Error(String((error as { stdout?: string }).stdout ?? error), { cause: error });
      }
    },
    60_000,
  );

  it('names no optional peer in the types of its main entry, so that nobody has to install one to compile', () => {
    const types = typesReachedFrom('dist/esm/index.d.ts');
    const peers =
      /from ['"](?:@nestjs\/(?:passport|websockets|microservices|graphql|terminus|swagger)|@opentelemetry\/|@prometheus-io\/|passport|ioredis|redis|prom-client)/;
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter((path) => peers.test(readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
  });

  it('holds what is needed to use it and nothing else', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/cjs/package.json'],
        ...['grafana/auth-services.json', 'prometheus/rules.yml'],
      ]),
    );
    expect(
      packed.filter(
        (path) =>
          !/^(dist|docs|grafana)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md|prometheus\/rules\.yml)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
  });
});
