import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);

// Stands in for your Cognito user pool.
const issuer = await TestIssuer.start();

const app = await NestFactory.create(AppModule.with(issuer.issuer));
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

console.log(
  whatToTry(await app.getUrl(), {
    person: await issuer.human('cognito', { sub: 'alice', username: 'alice' }),
    billing: await issuer.m2m('cognito', { sub: 'billing-service', client_id: 'billing-service' }),
    reports: await issuer.m2m('cognito', { sub: 'report-service', client_id: 'report-service' }),
    // Valid, but nothing in it says what it stands for: no user name, no client.
    unclear: await issuer.sign({ sub: 'f2a61c0e' }),
  }),
);
