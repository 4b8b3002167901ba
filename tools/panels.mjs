// Draws the dashboard's panels for the documentation, from the sample's own data: runs sample 11 and a real Prometheus, asks
// the dashboard's queries, and writes docs/images/metrics-*.svg. No Grafana: what is asked is its own, how it is drawn ours.
// usage: node tools/panels.mjs [SECONDS]   (the package must be built; 180 seconds of traffic by default)
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expressionOf, panels } from './dashboard.mjs';
import { drawPanel } from './panel-svg.mjs';
import { startPrometheus } from './prometheus.mjs';
import { startSample } from './sample.mjs';

const SAMPLE = '11-prometheus-grafana';
const STEP_SECONDS = 2;
const seconds = Number(process.argv[2] ?? 180);
const file = (title) => `docs/images/metrics-${title.toLowerCase().replaceAll(/\W+/g, '-')}.svg`;

const sample = await startSample(SAMPLE);
const config = readFileSync(`sample/${SAMPLE}/prometheus.yml`, 'utf8')
  .replaceAll('127.0.0.1:3000', `127.0.0.1:${sample.port}`)
  .replaceAll('_interval: 5s', '_interval: 1s')
  .replace(/^rule_files.*\n/m, '');
const prometheus = await startPrometheus(config);
try {
  console.log(`collecting ${seconds} s of the traffic of ${SAMPLE}`);
  const start = Math.ceil(Date.now() / 1000) + 10;
  await sleep((seconds + 10) * 1000);
  const end = start + seconds;
  for (const panel of panels) {
    const drawn = [];
    for (const { expr, legendFormat } of panel.targets) {
      const expression = expressionOf(expr, { window: '10s', range: `${seconds}s` });
      for (const { metric, values } of await prometheus.queryRange(expression, start, end, STEP_SECONDS)) {
        const name = legendFormat.replace(/\{\{(\w+)\}\}/, (_, label) => metric[label] ?? '');
        drawn.push({ name, points: values.map(([at, value]) => [at - start, Number(value)]) });
      }
    }
    writeFileSync(file(panel.title), drawPanel(panel, drawn, seconds));
    console.log(`${file(panel.title)}: ${drawn.length} series`);
  }
} finally {
  await prometheus.stop();
  await sample.stop();
}
