import 'reflect-metadata';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { makeKeys } from './keys.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);
const home = await mkdtemp(join(tmpdir(), 'audit-trail-'));

const app = await NestFactory.create(AppModule.with(join(home, 'log'), await makeKeys(home)));
// At shutdown the chain gets its signed end.
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');
console.log(whatToTry(await app.getUrl(), home));
