// Our own tests, under Nest 11 and under the other Nodes.
import { stripVTControlCharacters } from 'node:util';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEST_11 } from './installs.mjs';
import { node, nodeBinary, ROOT, run, treeWith } from './workshop.mjs';

/** The oldest first: what CI and most of us have is among them. */
export const NODES = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

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

/** "N passed, 0 failed". @throws Error with both numbers, the name of each that failed and the beginning of what it said. */
function jest(folder, binary, paths, { atLeast = 100, isShown = false } = {}) {
  const draft = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-compat-'));
  const file = join(draft, 'report.json');
  let ended;
  try {
    // What a test that failed has left open would keep Jest for ever; where all pass, npm test sees it.
    const how = ['--json', `--outputFile=${file}`, '--silent', '--forceExit'];
    run(folder, binary, [...JEST, ...how, ...paths], { seconds: 7200, isShown });
  } catch (error) {
    ended = error;
  }
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(draft, { recursive: true, force: true });
  if (report === undefined) throw ended ?? new Error('Jest wrote no report');
  // A file that could not be loaded ran no test: it counts as one failure, as in npm test.
  const counts = `${report.numPassedTests} passed, ${report.numFailedTests + report.numRuntimeErrorTestSuites} failed`;
  const failures = report.testResults.flatMap(failuresOf);
  if (failures.length > 0) throw new Error(`${counts}\n${failures.join('\n')}`);
  if (ended !== undefined) throw new Error(`${counts}, and yet ${ended.message}`);
  if (report.numPassedTests < atLeast) throw new Error(`${counts}: at least ${atLeast} were to pass`);
  return counts;
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
  const [oldest, newest] = [NODES[0], NODES.at(-1)];
  const tests = full ? [] : E2E;
  const nest11 = () => treeWith('nest11-tree', NEST_11);
  const suite = (major, version, folder) => ({
    name: `nest${major}-node${version.split('.')[0]}`,
    run: () => jest(folder(), nodeBinary(version), tests, { isShown: full }),
  });
  return [
    {
      name: 'nest11-types',
      run() {
        node(nest11(), ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit']);
        return 'the source compiles against Nest 11';
      },
    },
    {
      name: 'peers-tests',
      run: () =>
        jest(treeWith('peers-tree', NEWEST_PEERS), nodeBinary(newest), ['test/otel', 'test/prometheus'], {
          atLeast: 20,
        }),
    },
    ...(full ? [oldest, newest] : [oldest]).map((version) => suite(11, version, nest11)),
    ...(full ? NODES : [newest]).map((version) => suite(12, version, () => ROOT)),
  ];
}
