// npm run compat: is the package at home where it says it is? The packed tarball in applications and test suites of both Nests,
// under the compilers and the Nodes it supports, and our own tests under Nest 11 and other Nodes.
// usage: npm run compat -- [--full] [LEG …]      --full: every test on every Node, Nest 11 on the oldest and the newest, and PM2;
// else what differs between them, on Nest 11 and on the newest Node
// Everything is installed from the registry into .cache/compat, and kept there for the next time.
import { legs } from './compat/legs.mjs';

const args = process.argv.slice(2);
const full = args.includes('--full');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const known = legs({ full });
const chosen = wanted.length === 0 ? known : known.filter(({ name }) => wanted.some((part) => name.startsWith(part)));
if (chosen.length === 0) {
  console.error(`usage: npm run compat -- [--full] [${known.map(({ name }) => name).join(' | ')}]`);
  process.exit(3);
}

let failures = 0;
for (const leg of chosen) {
  const start = performance.now();
  let said;
  let failed = false;
  try {
    said = leg.run();
  } catch (error) {
    failed = true;
    said = error.message;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (failed) failures++;
  console.log(`${failed ? 'FAIL' : 'ok  '} ${leg.name.padEnd(20)} ${seconds.padStart(6)} s  ${said}`);
}
console.log(`compat: ${chosen.length - failures} of ${chosen.length} legs hold`);
process.exit(failures === 0 ? 0 : 1);
