import 'reflect-metadata';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);

// Stands in for your identity provider.
const issuer = await TestIssuer.start();
const directory = await mkdtemp(join(tmpdir(), 'audit-sample-'));

const app = await NestFactory.create(AppModule.with(issuer, directory));
// At shutdown the logger writes out what still waits, and the files their end.
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

const admin = await issuer.human('cognito', { sub: 'root', 'cognito:groups': ['admins'] });
console.log(whatToTry(await app.getUrl(), admin, directory));
