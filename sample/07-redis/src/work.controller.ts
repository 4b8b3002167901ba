import { Controller, Get, Post } from '@nestjs/common';
import { RateLimit } from 'nestjs-auth-services';

@Controller()
export class WorkController {
  /** Six a minute for each caller, whichever process answers. While Redis is away, each process allows its half. */
  @Get('work')
  @RateLimit({ name: 'work', maxRequests: 6, windowSeconds: 60 })
  work() {
    return { answeredBy: process.pid };
  }

  /** Guessing passwords must not become easier while Redis is away: then nobody logs in, and is told so with a 503. */
  @Post('login')
  @RateLimit({ name: 'login', maxRequests: 5, windowSeconds: 300, onStoreFailure: 'closed' })
  login() {
    return { answeredBy: process.pid };
  }
}
