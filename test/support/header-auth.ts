// An application's own authentication, as plain as it gets: the header `x-user` or `x-machine` says who it is.
import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** Claims as a verified Cognito access token would have them. */
export const personClaims = (id: string) => ({ sub: id, username: id, token_use: 'access', client_id: 'web' });
export const machineClaims = (id: string) => ({ sub: id, token_use: 'access', client_id: id, scope: 'api/read' });

@Injectable()
export class HeaderAuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string | undefined>; user?: unknown }>();
    const user = request.headers['x-user'];
    const machine = request.headers['x-machine'];
    if (user !== undefined) request.user = personClaims(user);
    else if (machine !== undefined) request.user = machineClaims(machine);
    else throw new UnauthorizedException();
    return true;
  }
}
