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
PERSON=${await issuer.human('cognito', { sub: 'alice' })}
MACHINE=${await issuer.m2m('cognito', { sub: 'billing-service', client_id: 'billing-service' })}

  import { io } from 'socket.io-client';
  const socket = io('${await app.getUrl()}', { auth: { token: process.env.PERSON } });
  socket.on('said', console.log).on('exception', console.log).emit('say', 'hello');
`);
