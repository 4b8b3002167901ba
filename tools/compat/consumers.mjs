// The packed tarball where people use it: applications, test suites and compilers.
import { join } from 'node:path';
import { consumer, ENTRIES, installed, MANIFEST, node, nodeBinary, project, run } from './workshop.mjs';
import { NODES } from './suites.mjs';

const { devDependencies } = MANIFEST;
const same = (...names) => Object.fromEntries(names.map((name) => [name, devDependencies[name]]));

const PM2 = '7.0.4';

const AROUND = {
  ...same('passport', 'passport-jwt', 'prom-client', 'reflect-metadata', 'rxjs', '@opentelemetry/api'),
  ...same('@opentelemetry/sdk-metrics', '@types/node', 'jest', '@swc/core', '@swc/jest'),
  'ts-jest': '29.4.15',
  '@types/jest': '30.0.0',
  typescript5: 'npm:typescript@5.5.4',
  typescript6: 'npm:typescript@6.0.3',
  typescript7: 'npm:typescript@7.0.2',
};

const nest12 = () =>
  consumer('nest12', {
    ...AROUND,
    ...same('@nestjs/common', '@nestjs/core', '@nestjs/testing', '@nestjs/passport', '@nestjs/terminus'),
    ...same('@nestjs/platform-express', '@nestjs/platform-fastify', '@nestjs/swagger'),
    typescript: devDependencies.typescript,
    vitest: '4.1.12',
  });

const nest11 = () =>
  consumer('nest11', {
    ...AROUND,
    '@nestjs/common': '11.2.10',
    '@nestjs/core': '11.2.10',
    '@nestjs/testing': '11.2.6',
    '@nestjs/passport': '11.0.5',
    '@nestjs/terminus': '11.1.1',
    '@nestjs/swagger': '11.4.7',
    '@nestjs/platform-express': '11.2.10',
    '@nestjs/platform-fastify': '11.2.8',
    typescript: '5.5.4',
  });

const BASE = {
  target: 'es2022',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  types: ['node'],
};
const NODENEXT = { ...BASE, module: 'nodenext', moduleResolution: 'nodenext' };
const NODE10 = { ...BASE, module: 'commonjs', moduleResolution: 'node10' };

const tsc = (folder, compiler, ...args) => node(folder, [join('..', 'node_modules', compiler, 'bin', 'tsc'), ...args]);

/** Compiled by its own compiler, then started on every Node. */
function application(install, name, { type, tsconfig, compiler }) {
  return {
    name,
    run() {
      const folder = project(install(), name, { type, tsconfig, files: { 'app.ts': 'app.ts' } });
      tsc(folder, compiler, '-p', '.');
      const said = NODES.map((version) => run(folder, nodeBinary(version), ['app.js']).trim());
      return `${said[0]}; Node ${NODES.join(', ')}`;
    },
  };
}

/** A machine may be busy with other things. */
const DEADLINE_MS = 60_000;
const SUITE = { 'orders.spec.ts': 'orders.spec.ts' };
const config = (value) => `export default ${JSON.stringify(value)};\n`;
const JEST = join('..', 'node_modules', 'jest', 'bin', 'jest.js');
const SWC = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};

const suites = [
  {
    name: 'jest-commonjs',
    run() {
      const folder = project(nest11(), 'jest-commonjs', {
        type: 'commonjs',
        tsconfig: { ...NODE10, types: ['node', 'jest'] },
        files: {
          ...SUITE,
          'jest.config.js': `module.exports = ${JSON.stringify({ preset: 'ts-jest', testTimeout: DEADLINE_MS })};\n`,
        },
      });
      node(folder, [JEST]);
      return 'ts-jest, Nest 11';
    },
  },
  {
    name: 'jest-esm',
    run() {
      const jest = {
        testTimeout: DEADLINE_MS,
        extensionsToTreatAsEsm: ['.ts'],
        transform: { '^.+\\.ts$': ['@swc/jest', SWC] },
      };
      const folder = project(nest12(), 'jest-esm', {
        type: 'module',
        files: { ...SUITE, 'jest.config.mjs': config(jest) },
      });
      node(folder, ['--experimental-vm-modules', JEST]);
      return 'vm modules, Nest 12';
    },
  },
  {
    name: 'vitest',
    run() {
      const vitest = {
        test: { globals: true, testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS, include: ['*.spec.ts'] },
      };
      const folder = project(nest12(), 'vitest', {
        type: 'module',
        tsconfig: NODENEXT,
        files: { ...SUITE, 'vitest.config.mjs': config(vitest) },
      });
      node(folder, [join('..', 'node_modules', 'vitest', 'vitest.mjs'), 'run']);
      return 'Nest 12';
    },
  },
];

const compilers = [
  { name: 'types-5.5-node10', install: nest11, compiler: 'typescript5', type: 'commonjs', tsconfig: NODE10 },
  { name: 'types-5.5-nodenext', install: nest11, compiler: 'typescript5', type: 'commonjs', tsconfig: NODENEXT },
  {
    name: 'types-6-node10',
    install: nest11,
    compiler: 'typescript6',
    type: 'commonjs',
    tsconfig: { ...NODE10, ignoreDeprecations: '6.0' },
  },
  { name: 'types-6-nodenext', install: nest12, compiler: 'typescript6', type: 'module', tsconfig: NODENEXT },
  { name: 'types-7-nodenext', install: nest12, compiler: 'typescript7', type: 'module', tsconfig: NODENEXT },
  {
    name: 'types-7-bundler',
    install: nest12,
    compiler: 'typescript7',
    type: 'module',
    tsconfig: { ...BASE, module: 'esnext', moduleResolution: 'bundler' },
  },
].map(({ name, install, compiler, type, tsconfig }) => ({
  name,
  run() {
    const everyEntry = ENTRIES.map((entry, index) => `export * as entry${index} from '${entry}';\n`).join('');
    const files = { 'types.ts': 'types.ts', 'entries.ts': everyEntry };
    const folder = project(install(), name, { type, tsconfig: { ...tsconfig, noEmit: true }, files });
    tsc(folder, compiler, '-p', '.');
    return `${ENTRIES.length} entries`;
  },
}));

/** Only what the main entry asks for: nothing of it may speak of a peer that is not there, not even in its types. */
const bare = {
  name: 'bare',
  run() {
    const install = consumer('bare', {
      ...same('@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs', '@types/node', 'typescript'),
    });
    const folder = project(install, 'bare-app', {
      type: 'module',
      tsconfig: { ...NODENEXT, noEmit: true },
      files: { 'bare.ts': 'bare.ts' },
    });
    tsc(folder, 'typescript', '-p', '.', '--skipLibCheck', 'false');
    for (const entry of [MANIFEST.name, `${MANIFEST.name}/testing`]) {
      node(folder, ['--input-type=module', '-e', `await import('${entry}')`]);
      node(folder, ['--input-type=commonjs', '-e', `require('${entry}')`]);
    }
    return 'no optional peer is needed, or named in the types';
  },
};

/** Also through a reload and through the death of a worker. */
const pm2 = {
  name: 'pm2',
  run() {
    const folder = project(nest12(), 'pm2-app', {
      type: 'module',
      tsconfig: NODENEXT,
      files: { 'workers.ts': 'workers.ts', 'pm2.mjs': 'pm2.mjs' },
    });
    tsc(folder, 'typescript', '-p', '.');
    const program = join(installed('pm2', { pm2: PM2 }), 'node_modules', 'pm2', 'bin', 'pm2');
    return node(folder, ['pm2.mjs', program]).trim();
  },
};

export const consumers = ({ full }) => [
  application(nest12, 'nest12-esm', { type: 'module', tsconfig: NODENEXT, compiler: 'typescript6' }),
  application(nest12, 'nest12-commonjs', { type: 'commonjs', tsconfig: NODENEXT, compiler: 'typescript6' }),
  application(nest11, 'nest11-commonjs', { type: 'commonjs', tsconfig: NODE10, compiler: 'typescript5' }),
  ...suites,
  ...compilers,
  bare,
  ...(full ? [pm2] : []),
];
