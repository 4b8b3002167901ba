// Starts each sample once, as its README says, and asks it something: a sample that does not run is worse than none.
// usage: node tools/samples.mjs [NAME …]   (the package must be built)
import { need } from './needs.mjs';
import { sampleNames, startSample } from './sample.mjs';

async function check(name) {
  const { url, output, stop } = await startSample(name);
  try {
    const { ask } = await import(`../sample/${name}/ask.mjs`);
    return await ask(url, output);
  } finally {
    await stop();
  }
}

const names = process.argv.length > 2 ? process.argv.slice(2) : sampleNames;
if (names.includes('07-redis')) need('redis-server');
let failed = 0;
for (const name of names) {
  const start = performance.now();
  try {
    const said = await check(name);
    console.log(`ok   ${name}: ${said} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.error(`FAIL ${name}: ${error.message}`);
  }
}
if (failed > 0 || names.length === 0) process.exit(1);
