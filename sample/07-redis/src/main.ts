import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { startOwnRedis } from './own-redis.js';
import { whatToTry } from './what-to-try.js';

const isSecond = process.send !== undefined && process.env['SECOND'] === '1';
if (!isSecond) process.env['REDIS_URL'] ??= await startOwnRedis();

const app = await NestFactory.create(AppModule, isSecond ? { logger: ['error', 'warn'] } : {});
app.enableShutdownHooks();
await app.listen(isSecond ? 0 : Number(process.env['PORT'] ?? 3000), '127.0.0.1');

if (isSecond) {
  process.send!(await app.getUrl());
  process.once('disconnect', () => process.exit(0));
} else {
  // The same application a second time, as a second pod would be.
  const second = fork(fileURLToPath(import.meta.url), { env: { ...process.env, SECOND: '1' } });
  const [url] = (await once(second, 'message')) as [string];
  process.once('SIGTERM', () => second.disconnect());
  console.log(whatToTry(await app.getUrl(), url, process.env['REDIS_URL']!));
}
