import { Controller, Get, Post } from '@nestjs/common';
import { CurrentCaller, HumanOnly, M2MOnly, RateLimit, type Caller } from 'nestjs-auth-services';

@Controller()
export class CallersController {
  /** Everybody, with what the module made of their token. */
  @Get('me')
  me(@CurrentCaller() { kind, userId, clientId }: Caller) {
    return { kind, userId, clientId };
  }

  /** People, whoever has signed them in. */
  @Get('profile')
  @HumanOnly()
  profile(@CurrentCaller() { userId }: Caller) {
    return { profileOf: userId };
  }

  /** Machines, whoever has registered them. */
  @Post('sync')
  @M2MOnly()
  sync(@CurrentCaller() { clientId }: Caller) {
    return { by: clientId };
  }

  /** One machine of one issuer: the same name at another issuer is another machine. */
  @Post('invoices')
  @M2MOnly({ clientIds: ['cognito:billing'] })
  invoice(@CurrentCaller() { clientId }: Caller) {
    return { by: clientId };
  }

  /** Two calls a minute for each caller. */
  @Get('report')
  @RateLimit({ maxRequests: 2, windowSeconds: 60 })
  report() {
    return { report: 'heavy' };
  }
}
