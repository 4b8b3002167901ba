import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { TokenVerifier } from 'nestjs-auth-services/jwt';

/** The token that a message brings is verified like any other; what it says is left on Nest's context of the message. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(@Inject(TokenVerifier) private readonly verifier: TokenVerifier) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { token } = context.switchToRpc().getData<{ token?: string }>();
    const decision = await this.verifier.verify(token ?? '');
    if (!decision.accepted)
      throw new RpcException({ statusCode: 401, code: 'unauthenticated', message: 'Unauthorized' });
    context.switchToRpc().getContext<{ user?: unknown }>().user = decision.user;
    return true;
  }
}
