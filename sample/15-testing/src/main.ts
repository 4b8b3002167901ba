import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';

const port = Number(process.env['PORT'] ?? 3000);
const issuer = await TestIssuer.start();
const app = await NestFactory.create(AppModule.with(issuer.issuer));
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

console.log(`
export PERSON=${await issuer.human()}

  curl -i http://127.0.0.1:${port}/orders -H "Authorization: Bearer $PERSON"

The tests are what this sample is about: sample/15-testing/test.
`);
