import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { AuditLogger, HumanOnly } from 'nestjs-auth-services';
import { AdminGuard } from './admin.guard.js';
import { RecentEventsSink } from './recent-events.sink.js';

/** Who reads the trail is audited too: these requests leave their events like all others. */
@Controller('audit')
@HumanOnly()
@UseGuards(AdminGuard)
export class AuditTrailController {
  constructor(
    private readonly audit: AuditLogger,
    private readonly recentEvents: RecentEventsSink,
  ) {}

  @Get('events')
  async events(@Query('type') type?: string, @Query('user') user?: string) {
    // Events are written behind the requests; whoever asks wants the latest.
    await this.audit.flush();
    return this.recentEvents.find({ type, user });
  }

  /** Whether every sink takes its events, and what was lost. */
  @Get('status')
  status() {
    return this.audit.status;
  }
}
