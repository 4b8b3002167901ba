// Our own tests, under Nest 11 and under the other Nodes.
import { stripVTControlCharacters } from 'node:util';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node, nodeBinary, ROOT, run, treeWith } from './workshop.mjs';

export const NODES = ['22.23.3', '24.21.0', '26.10.0'];

// The packages of Nest 11's age. Those not named take both.
const NEST_11 = {
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

// What asks for a newer Node than the oldest that we support, in the place of what our tests import.
const NEWEST_PEERS = {
  '@opentelemetry/sdk-metrics': '3.1.1',
  'prom-client': 'npm:@prometheus-io/client@0.16.1',
};

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
/** What differs between majors and Nodes, in a time that a change can wait for; --full runs everything. */
const E2E = [
  ...[
    'audit-outcomes',
    'authentication',
    'human-and-m2m',
    'metrics-endpoint',
    'microservices',
    'proxies',
    'rate-limit.spec',
    'rate-limit-headers',
    'websockets',
  ].map((name) => `test/e2e/${name}`),
  'test/module',
  'test/terminus',
];

/** How many tests passed. @throws Error with the name of each that failed and the beginning of what it said. */
function jest(folder, binary, paths, atLeast = 100) {
  const draft = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-compat-'));
  const file = join(draft, 'report.json');
  let ended;
  try {
    run(folder, binary, [...JEST, '--json', `--outputFile=${file}`, '--silent', ...paths], { seconds: 3600 });
  } catch (error) {
    ended = error;
  }
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(draft, { recursive: true, force: true });
  const failures = report?.testResults.flatMap(failuresOf) ?? [];
  if (failures.length > 0) throw new Error(`${failures.length} failed:\n${failures.join('\n')}`);
  if (ended !== undefined) throw ended;
  if (report.numPassedTests < atLeast) throw new Error(`only ${report.numPassedTests} tests ran`);
  return `${report.numPassedTests} tests pass`;
}

function failuresOf({ name, message, assertionResults }) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  const shown = (text) => stripVTControlCharacters(text).split('\n').slice(0, 12).join('\n    ');
  const spec = name.slice(name.indexOf('/test/') + 1);
  if (failed.length === 0)
    return assertionResults.length === 0 && message !== '' ? [`  ${spec}: ${shown(message)}`] : [];
  return failed.map(
    ({ fullName, failureMessages }) => `  ${spec}: ${fullName}\n    ${shown(failureMessages[0] ?? '')}`,
  );
}

export function suites({ full }) {
  const tests = full ? [] : E2E;
  const nest11 = () => treeWith('nest11-tree', NEST_11);
  return [
    {
      name: 'nest11-types',
      run() {
        node(nest11(), ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit']);
        return 'the source compiles against Nest 11';
      },
    },
    { name: 'nest11-tests', run: () => jest(nest11(), process.execPath, tests) },
    {
      name: 'peers-tests',
      run: () => jest(treeWith('peers-tree', NEWEST_PEERS), nodeBinary(NODES[1]), ['test/otel', 'test/prometheus'], 20),
    },
    ...(full ? NODES : NODES.slice(-1)).map((version) => ({
      name: `node${version.split('.')[0]}-tests`,
      run: () => jest(ROOT, nodeBinary(version), tests),
    })),
  ];
}
