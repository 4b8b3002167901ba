// An application of several workers on one port, as node:cluster runs it. Each worker also has a port of its own, on which a
// test can speak to it alone. Imports the built package, as an application does.
// usage: node application.mjs DIRECTORY WRITE_EVERY_MS WORKERS
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { MetricsCollector, SharedMetrics } from '../../../dist/esm/index.js';

const [directory, writeEveryMs, workers] = process.argv.slice(2);

if (cluster.isPrimary) {
  const tell = (fact) => process.stdout.write(`${JSON.stringify(fact)}\n`);
  cluster.on('message', (_worker, fact) => tell(fact));
  cluster.on('exit', (worker, code, signal) => {
    tell({ ended: worker.process.pid, code, signal });
    cluster.fork();
  });
  for (let index = 0; index < Number(workers); index++) cluster.fork();
} else {
  const metrics = new MetricsCollector();
  const shared = new SharedMetrics(metrics, { directory, writeEveryMs: Number(writeEveryMs) });

  const everybody = createServer((request, response) => {
    response.end(request.url === '/snapshot' ? JSON.stringify(shared.getMetrics()) : shared.toPrometheus());
  });
  const alone = createServer((request, response) => {
    const [, verb, count] = request.url.split('/');
    if (verb === 'count') {
      for (let n = 0; n < Number(count); n++) metrics.recordValidationSuccess(25.3);
      metrics.recordValidationFailure(`made up by ${process.pid}`);
      response.end();
    } else {
      response.end(() => {
        if (verb === 'exit') process.exit(0);
        throw new Error('a bug of the application');
      });
    }
  });
  await new Promise((resolve) => everybody.listen(0, '127.0.0.1', resolve));
  await new Promise((resolve) => alone.listen({ port: 0, host: '127.0.0.1', exclusive: true }, resolve));
  process.send({ listening: process.pid, everybody: everybody.address().port, alone: alone.address().port });
}
