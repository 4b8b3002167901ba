// Our own tests, under Nest 11 and under the other Nodes.
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
    'rate-limit.spec',
    'websockets',
  ].map((name) => `test/e2e/${name}`),
  'test/module',
  'test/terminus',
];

/** Jest's own last words: how many tests passed. */
function jest(folder, binary, paths, atLeast = 100) {
  const report = run(folder, binary, [...JEST, '--json', '--silent', ...paths], { seconds: 1200 });
  const { numPassedTests } = JSON.parse(report.slice(report.indexOf('{')));
  if (numPassedTests < atLeast) throw new Error(`only ${numPassedTests} tests ran`);
  return `${numPassedTests} tests pass`;
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
