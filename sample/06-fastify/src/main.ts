import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TestIssuer } from 'nestjs-auth-services/testing';
// The very application of the quick start: nothing in it knows which adapter it runs on.
import { AppModule } from '../../01-quick-start/src/app.module.js';
import { whatToTry } from '../../01-quick-start/src/what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);
const issuer = await TestIssuer.start();

const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(issuer.issuer), new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

const person = await issuer.human('cognito', { sub: 'alice' });
const machine = await issuer.m2m('cognito', { sub: 'billing-service', client_id: 'billing-service' });
console.log(whatToTry(await app.getUrl(), person, machine));
