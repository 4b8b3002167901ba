import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { sampleTokens, startStandIns, urlsOf } from './sample-tokens.js';
import { whatToTry } from './what-to-try.js';

const port = Number(process.env['PORT'] ?? 3000);
const standIns = await startStandIns();

const app = await NestFactory.create(AppModule.with(urlsOf(standIns)));
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

console.log(whatToTry(await app.getUrl(), await sampleTokens(standIns)));
