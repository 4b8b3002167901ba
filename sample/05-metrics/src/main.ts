import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';
import { makeTraffic } from './traffic.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);
const metricsToken = process.env['METRICS_TOKEN'] ?? randomUUID();

// Stands in for your identity provider.
const issuer = await TestIssuer.start();

const app = await NestFactory.create(AppModule.with(issuer.issuer, metricsToken));
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

const url = await app.getUrl();
await makeTraffic(url, issuer);

const person = await issuer.human('cognito', { sub: 'alice' });
const operator = await issuer.m2m('cognito', { sub: 'ops-console', client_id: 'ops-console' });
console.log(whatToTry(url, { person, operator, metricsToken }));
