import { Controller, Get } from '@nestjs/common';
import { SkipAudit } from 'nestjs-auth-services';

@Controller('heartbeat')
export class HeartbeatController {
  /** Asked every second by every client: worth no event while it works. A 401 leaves one all the same. */
  @Get()
  @SkipAudit()
  beat() {
    return { alive: true };
  }
}
