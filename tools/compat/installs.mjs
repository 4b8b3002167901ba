// What the consumers stand on: the tarball installed beside Nest 11 and beside Nest 12, and how they compile.
import { join } from 'node:path';
import { consumer, MANIFEST, node } from './workshop.mjs';

const { devDependencies } = MANIFEST;
const from = (versions, ...names) => Object.fromEntries(names.map((name) => [name, versions[name]]));
export const same = (...names) => from(devDependencies, ...names);

/** The packages of Nest 11's age. Those not named take both. */
export const NEST_11 = {
  '@nestjs/common': '11.2.10',
  '@nestjs/core': '11.2.10',
  '@nestjs/testing': '11.2.6',
  '@nestjs/platform-express': '11.2.10',
  '@nestjs/platform-fastify': '11.2.8',
  '@nestjs/microservices': '11.2.6',
  '@nestjs/websockets': '11.2.6',
  '@nestjs/platform-ws': '11.2.6',
  '@nestjs/platform-socket.io': '11.2.6',
  '@nestjs/passport': '11.0.5',
  '@nestjs/terminus': '11.1.1',
  '@nestjs/swagger': '11.4.7',
  '@nestjs/config': '4.0.4',
  '@nestjs/graphql': '13.4.5',
  '@nestjs/apollo': '13.4.5',
  '@nestjs/mercurius': '13.4.5',
};

const NEST = 'common core testing passport terminus platform-express platform-fastify swagger'
  .split(' ')
  .map((name) => `@nestjs/${name}`);

const AROUND = {
  ...same('passport', 'passport-jwt', 'prom-client', 'reflect-metadata', 'rxjs', '@opentelemetry/api'),
  ...same('@opentelemetry/sdk-metrics', '@types/node', 'jest', '@swc/core', '@swc/jest'),
  'ts-jest': '29.4.15',
  '@types/jest': '30.0.0',
  typescript5: 'npm:typescript@5.5.4',
  typescript6: 'npm:typescript@6.0.3',
  typescript7: 'npm:typescript@7.0.2',
};

export const nest12 = () =>
  consumer('nest12', {
    ...AROUND,
    ...same(...NEST),
    typescript: devDependencies.typescript,
    vitest: '4.1.12',
  });

export const nest11 = () =>
  consumer('nest11', {
    ...AROUND,
    ...from(NEST_11, ...NEST),
    typescript: '5.5.4',
  });

export const BASE = {
  target: 'es2022',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  types: ['node'],
};
export const NODENEXT = { ...BASE, module: 'nodenext', moduleResolution: 'nodenext' };
export const NODE10 = { ...BASE, module: 'commonjs', moduleResolution: 'node10' };

export const tsc = (folder, compiler, ...args) =>
  node(folder, [join('..', 'node_modules', compiler, 'bin', 'tsc'), ...args]);
