import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';
import { LogStore } from './log-store.js';
import { Traffic } from './traffic.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);
// The same in prometheus.yml. Yours comes from a secret store, and is not printed.
const metricsToken = process.env['METRICS_TOKEN'] ?? 'the-scraper-of-the-sample';

// Stands in for your identity provider.
const issuer = await TestIssuer.start();
const logStore = new LogStore();

const app = await NestFactory.create(AppModule.with(issuer.issuer, metricsToken, logStore), {
  // Its traffic comes from this process and keeps its connections: a server that waits for them would never close.
  forceCloseConnections: true,
});
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

const url = await app.getUrl();
new Traffic(url, issuer, logStore).start();
console.log(whatToTry(url, metricsToken));
