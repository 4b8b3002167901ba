// npm test: brings what the tests need, builds the package, runs every test, and ends with "N passed, N failed".
// Arguments go to Jest: npm test -- test/m2m
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { need } from './needs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

need('promtool', 'prometheus', 'redis-server', 'initdb');

console.log('building the package: samples and packaging tests use it as an application would');
if (node('tools/build.mjs') !== 0) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-test-'));
const report = join(folder, 'report.json');
const status = node(
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--json',
  `--outputFile=${report}`,
  ...process.argv.slice(2),
);
let passed = 0;
let failed = status === 0 ? 0 : 1;
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed = result.numPassedTests;
  // A suite that could not be loaded ran no test: it counts as one failure.
  failed = Math.max(failed, result.numFailedTests + result.numRuntimeErrorTestSuites);
} catch {
  failed = Math.max(1, failed);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
