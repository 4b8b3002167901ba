// Applications as people have them, with the packed tarball: started on every Node, with nothing beside it, and by PM2.
import { join } from 'node:path';
import { nest11, nest12, NODE10, NODENEXT, same, tsc } from './installs.mjs';
import { NODES } from './suites.mjs';
import { consumer, installed, MANIFEST, node, nodeBinary, project, run } from './workshop.mjs';

const PM2 = '7.0.4';

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

export const applications = ({ full }) => [
  application(nest12, 'nest12-esm', { type: 'module', tsconfig: NODENEXT, compiler: 'typescript6' }),
  application(nest12, 'nest12-commonjs', { type: 'commonjs', tsconfig: NODENEXT, compiler: 'typescript6' }),
  application(nest11, 'nest11-commonjs', { type: 'commonjs', tsconfig: NODE10, compiler: 'typescript5' }),
  bare,
  ...(full ? [pm2] : []),
];
