import { Injectable } from '@nestjs/common';
import { RateLimiterService, type RateLimitDecision } from 'nestjs-auth-services';

/** Limits failed logins by address and by account name; whoever logs in successfully is never in its way. */
@Injectable()
export class LoginProtection {
  constructor(private readonly limiter: RateLimiterService) {}

  /** Takes the one place at which a password of this name is checked. To be released, whatever happens. */
  async begin(account: string): Promise<RateLimitDecision> {
    return this.limiter.consume(account, 'login-at-once');
  }

  /** Looks without counting: the refusal, if either has failed too often. */
  async refusal(ip: string, account: string): Promise<RateLimitDecision | undefined> {
    const decisions = [
      await this.limiter.peek({ ip }, 'login-address'),
      await this.limiter.peek(account, 'login-account'),
    ];
    return decisions.find(({ allowed }) => !allowed);
  }

  async failed(ip: string, account: string): Promise<void> {
    await this.limiter.consume({ ip }, 'login-address');
    await this.limiter.consume(account, 'login-account');
  }

  /** The account's failures are forgotten; the address's are not, or one's own account would clear the way to others. */
  async succeeded(account: string): Promise<void> {
    await this.limiter.reset(account, 'login-account');
  }
}
