// What starting costs: an application of a hundred routes with the module, beside the same one without it, each start in a
// process of its own, in turns, medians. usage: npm run bench -- startup [rounds]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.argv[2] ?? 15);
const CONTENDERS = ['bare', 'services', 'everything'];
const cwd = fileURLToPath(new URL('.', import.meta.url));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const found = Object.fromEntries(CONTENDERS.map((name) => [name, { wall: [], processor: [], imported: [] }]));
for (let round = 0; round < ROUNDS; round++) {
  for (const name of CONTENDERS) {
    const figures = JSON.parse(execFileSync(process.execPath, ['startup/app.mjs', name], { cwd, encoding: 'utf8' }));
    for (const [key, value] of Object.entries(figures)) found[name][key].push(value);
  }
}
const NAMES = {
  bare: 'bare Nest',
  services: 'with AuthServicesModule',
  everything: 'with AuthServicesModule and a global JwtAuthGuard',
};
const of = (name, key) => median(found[name][key]);
const above = (name, key) => (name === 'bare' ? '' : `+${(of(name, key) - of('bare', key)).toFixed(0)}`);
console.log(
  '\n| a start of 100 routes | ms | above bare | processor ms | above bare | of it our import, processor ms |',
);
console.log('| --- | --: | --: | --: | --: | --: |');
for (const name of CONTENDERS) {
  const row = [
    of(name, 'wall').toFixed(0),
    above(name, 'wall'),
    of(name, 'processor').toFixed(0),
    above(name, 'processor'),
  ];
  console.log(`| ${NAMES[name]} | ${row.join(' | ')} | ${name === 'bare' ? '' : of(name, 'imported').toFixed(0)} |`);
}
