// One Fastify application: a bare route, and the same with one @RateLimit(), by address, by a user whom a guard finds, and
// with three policies. BARE=1 leaves the module out, and with it the limits.
import { Controller, Get, UseGuards } from '@nestjs/common';
import { AuthServicesModule, RateLimit } from '../../dist/esm/index.js';
import { moduleOf, serve } from '../http/common.mjs';

const WIDE = { maxRequests: 1_000_000_000, windowSeconds: 60, algorithm: 'gcra' };
const LIMIT = { maxRequests: 1000, windowSeconds: 1 };

class AuthGuard {
  canActivate(context) {
    const request = context.switchToHttp().getRequest();
    request.user = { id: request.headers['x-user'] };
    return true;
  }
}

const isBare = process.env.BARE === '1';
const routes = {
  bare: [],
  'bare-auth': [UseGuards(AuthGuard)],
  ...(!isBare && {
    ip: [RateLimit({ ...WIDE, identifier: 'ip' })],
    user: [UseGuards(AuthGuard), RateLimit(LIMIT)],
    three: [UseGuards(AuthGuard), RateLimit([LIMIT, { ...LIMIT, windowSeconds: 2 }, { ...LIMIT, windowSeconds: 3 }])],
  }),
};

class Routes {}
for (const [name, decorators] of Object.entries(routes)) {
  Routes.prototype[name] = function handler() {
    return { message: 'ok' };
  };
  Object.defineProperty(Routes.prototype[name], 'name', { value: name });
  const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, name);
  for (const decorate of [Get(name), ...decorators].reverse()) decorate(Routes.prototype, name, descriptor);
}
Controller()(Routes);

await serve(
  moduleOf({
    imports: isBare ? [] : [AuthServicesModule.forRoot({ auditRequests: false, audit: { logToConsole: false } })],
    controllers: [Routes],
  }),
  [],
);
