// Every entry's types, and a program against them, under the compilers and the ways of finding a module that are in use.
import { BASE, nest11, nest12, NODE10, NODENEXT, tsc } from './installs.mjs';
import { ENTRIES, project } from './workshop.mjs';

const COMPILERS = [
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
];

export const compilers = () =>
  COMPILERS.map(({ name, install, compiler, type, tsconfig }) => ({
    name,
    run() {
      const everyEntry = ENTRIES.map((entry, index) => `export * as entry${index} from '${entry}';\n`).join('');
      const files = { 'types.ts': 'types.ts', 'entries.ts': everyEntry };
      const folder = project(install(), name, { type, tsconfig: { ...tsconfig, noEmit: true }, files });
      tsc(folder, compiler, '-p', '.');
      return `${ENTRIES.length} entries`;
    },
  }));
