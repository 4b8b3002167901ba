import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Callers } from 'nestjs-auth-services';

/** Lets the group `admins` in. Who may do what is your application's own affair; this is one way to ask the token. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly callers: Callers) {}

  canActivate(context: ExecutionContext): boolean {
    const groups = this.callers.of(context).claims?.['cognito:groups'];
    if (Array.isArray(groups) && groups.includes('admins')) return true;
    throw new ForbiddenException('admins_only');
  }
}
