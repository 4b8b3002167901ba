import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AppModule } from './app.module.js';

const port = Number(process.env['PORT'] ?? 3000);
const issuer = await TestIssuer.start();

const app = await NestFactory.create(AppModule.with(issuer.issuer));
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

const person = await issuer.human('cognito', { sub: 'alice' });
const machine = await issuer.m2m('cognito', { sub: 'billing-service', client_id: 'billing-service' });
const url = `${await app.getUrl()}/graphql`;
console.log(`
PERSON=${person}
MACHINE=${machine}

  curl ${url} -H "authorization: Bearer $PERSON" -H 'content-type: application/json' -d '{"query":"{ me }"}'
  curl ${url} -H "authorization: Bearer $MACHINE" -H 'content-type: application/json' -d '{"query":"{ me }"}'
  curl ${url} -H 'content-type: application/json' -d '{"query":"mutation { a: login(name: \\"x\\") b: login(name: \\"y\\") c: login(name: \\"z\\") d: login(name: \\"alice\\") }"}'
`);
