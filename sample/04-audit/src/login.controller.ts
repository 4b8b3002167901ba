import { Body, Controller, Post, UnauthorizedException } from '@nestjs/common';
import { AuditLogger, CurrentCaller, type Caller } from 'nestjs-auth-services';
import { AllowAnonymous } from 'nestjs-auth-services/jwt';
import { TestIssuer } from 'nestjs-auth-services/testing';

/** Stands in for your users and their hashed passwords. */
const PASSWORDS: ReadonlyMap<unknown, string> = new Map([
  ['alice', 'wonderland'],
  ['bob', 'builder'],
]);

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

@Controller('login')
export class LoginController {
  constructor(
    private readonly audit: AuditLogger,
    private readonly issuer: TestIssuer,
  ) {}

  @Post()
  @AllowAnonymous()
  async login(@CurrentCaller() { ip }: Caller, @Body() { username, password }: Credentials) {
    const expected = PASSWORDS.get(username);
    if (expected === undefined || expected !== password) {
      // The request leaves an event of its own, as every 401 does; who was tried, and why it failed, only we know.
      const reason = expected === undefined ? 'unknown_user' : 'wrong_password';
      this.audit.logAuthFailure(reason, { action: 'login', ipAddress: ip, metadata: { username } });
      // The answer is the same for both: it must not tell who has an account.
      throw new UnauthorizedException('Wrong user name or password');
    }
    this.audit.logAuthSuccess({ action: 'login', userId: username, ipAddress: ip });
    return { token: await this.issuer.human('cognito', { sub: username, username }) };
  }
}
