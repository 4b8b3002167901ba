import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';

const port = Number(process.env['PORT'] ?? 3000);
const issuer = await TestIssuer.start();

const service = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule.with(issuer.issuer), {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port },
});
service.enableShutdownHooks();
await service.listen();

console.log(`
PERSON=${await issuer.human('cognito', { sub: 'alice' })}
MACHINE=${await issuer.m2m('cognito', { sub: 'billing-service', client_id: 'billing-service' })}

Listens to orders.sync over TCP at http://127.0.0.1:${port} (no HTTP): send { token } with a ClientProxy, as ask.mjs does.
`);
