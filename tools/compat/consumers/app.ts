// An application as a user would write it, that asks itself and fails if an answer is not what the README says.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  AuthServicesModule,
  CurrentCaller,
  HumanOnly,
  RateLimit,
  RateLimiterService,
  type Caller,
} from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { RecordingAuditSink, TestIssuer } from 'nestjs-auth-services/testing';

@Controller()
class Orders {
  @Get('orders')
  @RateLimit({ maxRequests: 2, windowSeconds: 60 })
  orders(@CurrentCaller() caller: Caller) {
    return { kind: caller.kind };
  }

  @Get('profile')
  @HumanOnly()
  profile() {
    return 'people only';
  }
}

async function ask(platform: 'express' | 'fastify'): Promise<string> {
  const issuer = await TestIssuer.start();
  const sink = new RecordingAuditSink();

  @Module({
    imports: [
      AuthServicesModule.forRoot({ audit: { sinks: [sink] } }),
      JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer: issuer.issuer, audience: 'api' }] }),
    ],
    controllers: [Orders],
  })
  class App {}

  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(App, adapter as ExpressAdapter, { logger: ['error'], abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${app.getHttpServer().address().port}`;
  const get = async (path: string, token?: string): Promise<number> => {
    const response = await fetch(
      url + path,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    );
    await response.arrayBuffer();
    return response.status;
  };
  const [person, machine] = [await issuer.human(), await issuer.m2m()];
  const answers = [
    await get('/orders'),
    await get('/orders', person),
    await get('/orders', person),
    await get('/orders', person),
    await get('/profile', person),
    await get('/profile', machine),
  ];
  await sink.waitFor('access_denied', { reason: 'human_only' });
  sink.assertLogged('request_error', { reason: 'rate_limited' });
  sink.assertLogged('auth_failure', { reason: 'missing' });
  const injected = app.get(RateLimiterService) instanceof RateLimiterService;
  await app.close();
  await issuer.stop();
  if (answers.join(' ') !== '401 200 200 429 200 403' || !injected) {
    throw new Error(`${platform}: ${answers.join(' ')}, injected ${injected}`);
  }
  return `${platform} ${answers.join(' ')}`;
}

async function main(): Promise<void> {
  console.log(`${await ask('express')}; ${await ask('fastify')}`);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
