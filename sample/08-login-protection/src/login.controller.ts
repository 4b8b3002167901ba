import { BadRequestException, Body, Controller, HttpCode, Post, Res, UnauthorizedException } from '@nestjs/common';
import {
  CurrentCaller,
  rateLimitHeaders,
  tooManyRequests,
  type Caller,
  type RateLimitDecision,
} from 'nestjs-auth-services';
import type { Response } from 'express';
import { Accounts } from './accounts.js';
import { LoginProtection } from './login-protection.js';

interface Credentials {
  readonly account?: unknown;
  readonly password?: unknown;
}

@Controller('login')
export class LoginController {
  constructor(
    private readonly accounts: Accounts,
    private readonly protection: LoginProtection,
  ) {}

  @Post()
  @HttpCode(200)
  async login(
    @CurrentCaller() { ip = 'unknown' }: Caller,
    @Body() credentials: Credentials = {},
    @Res({ passthrough: true }) response: Response,
  ) {
    const { account: name, password } = credentials;
    if (typeof name !== 'string' || typeof password !== 'string') throw new BadRequestException();
    // As it is looked up: or each way to write a name would have five tries of its own.
    const account = name.trim().toLowerCase();
    const refuse = (decision: RateLimitDecision): never => {
      response.set(rateLimitHeaders(decision));
      throw tooManyRequests(decision);
    };
    const place = await this.protection.begin(account);
    if (!place.allowed) refuse(place);
    try {
      const refusal = await this.protection.refusal(ip, account);
      if (refusal !== undefined) refuse(refusal);
      if (!(await this.accounts.check(account, password))) {
        await this.protection.failed(ip, account);
        throw new UnauthorizedException('Wrong account or password');
      }
      await this.protection.succeeded(account);
      return { welcome: account };
    } finally {
      place.release?.();
    }
  }
}
