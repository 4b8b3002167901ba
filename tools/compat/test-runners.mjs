// A user's test suite, in the runners that Nest's own starters come with.
import { join } from 'node:path';
import { nest11, nest12, NODE10, NODENEXT } from './installs.mjs';
import { node, project } from './workshop.mjs';

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

export const testRunners = () => [
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
