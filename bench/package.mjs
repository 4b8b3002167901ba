// Size and start-up: what the package weighs, and what importing it costs beside importing Nest and the packages it stands for.
// Times are of the processor, in a fresh process each, medians; compare the ratios, not the milliseconds.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.argv[2] ?? 11);
const cwd = fileURLToPath(new URL('..', import.meta.url));

const SCRIPT = `
  import 'reflect-metadata';
  const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  const start = cpu();
  await import('@nestjs/common');
  await import('@nestjs/core');
  const nest = cpu();
  for (const name of JSON.parse(process.argv[1])) await import(name);
  console.log(JSON.stringify([nest - start, cpu() - nest]));
`;
const CONTENDERS = {
  'nestjs-auth-services': ['nestjs-auth-services'],
  'nestjs-auth-services and /jwt': ['nestjs-auth-services', 'nestjs-auth-services/jwt'],
  '@nestjs/throttler': ['@nestjs/throttler'],
  'rate-limiter-flexible': ['rate-limiter-flexible'],
  'pino-http': ['pino-http'],
  'prom-client': ['prom-client'],
  'passport-jwt, jwks-rsa': ['@nestjs/passport', 'passport-jwt', 'jwks-rsa'],
  'assembled: throttler, pino-http, prom-client, passport-jwt, jwks-rsa': [
    '@nestjs/throttler',
    'pino-http',
    'prom-client',
    '@nestjs/passport',
    'passport-jwt',
    'jwks-rsa',
  ],
};

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const times = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, { ours: [], nest: [] }]));
// Round by round, so that a busy moment touches all of them.
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, modules] of Object.entries(CONTENDERS)) {
    const args = ['--input-type=module', '-e', SCRIPT, JSON.stringify(modules)];
    const [nest, ours] = JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }));
    times[name].nest.push(nest);
    times[name].ours.push(ours);
  }
}
const nest = median(Object.values(times).flatMap((found) => found.nest));
console.log(`\n| imported after Nest | of Nest's own import | ms |\n| --- | --: | --: |`);
for (const [name, { ours }] of Object.entries(times)) {
  console.log(`| ${name} | ${(median(ours) / nest).toFixed(2)} | ${median(ours).toFixed(0)} |`);
}

const packed = Object.values(
  JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ),
)[0];
const kB = (bytes) => `${Math.round(bytes / 1000)} kB`;
console.log(`\n| packed | unpacked | files | runtime dependencies |\n| --: | --: | --: | --: |`);
console.log(`| ${kB(packed.size)} | ${kB(packed.unpackedSize)} | ${packed.entryCount} | 0 |`);
