import { UseGuards } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CurrentCaller, HumanOnly, RateLimit, type Caller } from 'nestjs-auth-services';
import { JwtAuthGuard } from 'nestjs-auth-services/jwt';

// The token of the handshake is looked at again for each message, so that it can expire.
@UseGuards(JwtAuthGuard)
@WebSocketGateway()
export class ChatGateway {
  @HumanOnly()
  @RateLimit({ maxRequests: 3, windowSeconds: 10 })
  @SubscribeMessage('say')
  say(@MessageBody() text: string, @CurrentCaller() caller: Caller) {
    return { event: 'said', data: `${caller.userId}: ${text}` };
  }
}
