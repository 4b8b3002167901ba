import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { whatToTry } from './what-to-try.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule);
// The proxy in front of this process, and nobody else, may say who the client is.
app.set('trust proxy', '127.0.0.0/8');
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');

console.log(whatToTry(await app.getUrl()));
