// One start in a process of its own: a hundred routes, bare or with the module. Prints milliseconds, of the clock and of
// the processor: after Nest is imported, until the application listens to nobody yet but could.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';

const contender = process.argv[2];
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const wallStart = performance.now();
const cpuStart = cpu();

const ours = contender === 'bare' ? undefined : await import('../../dist/esm/index.js');
const jwt = contender === 'everything' ? await import('../../dist/esm/jwt/index.js') : undefined;
const imported = cpu();

const decorate = (decorators, target, key) => {
  const descriptor = Object.getOwnPropertyDescriptor(target, key);
  for (const decorator of decorators) decorator(target, key, descriptor);
};
const controllers = Array.from({ length: 10 }, (_, index) => {
  class SomeController {}
  for (let route = 0; route < 10; route++) {
    Object.defineProperty(SomeController.prototype, `r${route}`, { value: () => 'ok' });
    const marks = ours === undefined ? [] : [ours.RateLimit({ maxRequests: 10 }), ours.HumanOnly()];
    decorate([Get(`r${route}`), ...marks], SomeController.prototype, `r${route}`);
  }
  Controller(`c${index}`)(SomeController);
  return SomeController;
});
class App {}
Module({
  imports: [
    ...(ours === undefined ? [] : [ours.AuthServicesModule.forRoot({ audit: { logToConsole: false } })]),
    ...(jwt === undefined
      ? []
      : [
          jwt.JwtAuthModule.forRoot({
            issuers: [{ issuer: 'https://issuer.example.com', audience: 'api' }],
            isGlobal: true,
          }),
        ]),
  ],
  controllers,
})(App);
const app = await NestFactory.create(App, new ExpressAdapter(), { logger: ['error'] });
await app.init();
const [wall, processor] = [performance.now() - wallStart, cpu() - cpuStart];
console.log(JSON.stringify({ wall, processor, imported: imported - cpuStart }));
process.exit(0);
