import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);

// Stands in for your identity provider.
const issuer = await TestIssuer.start();

const app = await NestFactory.create(AppModule.with(issuer.issuer));
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

console.log(
  whatToTry(await app.getUrl(), {
    person: await issuer.human('cognito', { sub: 'alice' }),
    admin: await issuer.human('cognito', { sub: 'root', 'cognito:groups': ['admins'] }),
    machine: await issuer.m2m('cognito', { sub: 'billing-service', client_id: 'billing-service' }),
  }),
);
