// The package as a package: publint and "are the types wrong?".
import { join } from 'node:path';
import { installed, MANIFEST, node, packed } from './workshop.mjs';

const ATTW = '0.18.5';

export const shape = () => [
  {
    name: 'publint',
    run() {
      node(installed('publint', { publint: MANIFEST.devDependencies.publint }), [
        join('node_modules', 'publint', 'src', 'cli.js'),
        '--strict',
        packed(),
      ]);
      return 'nothing to remark';
    },
  },
  {
    name: 'attw',
    run() {
      const folder = installed('attw', { '@arethetypeswrong/cli': ATTW });
      node(folder, [join('node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js'), packed(), '--no-color']);
      return 'types and code agree for node10, node16 from both sides, and bundlers';
    },
  },
];
