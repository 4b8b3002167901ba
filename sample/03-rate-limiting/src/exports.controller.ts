import { BadRequestException, Body, Controller, ParseIntPipe, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import {
  CurrentCaller,
  HumanOnly,
  RateLimiterService,
  rateLimitHeaders,
  tooManyRequests,
  type Caller,
  type RateLimiter,
} from 'nestjs-auth-services';

const POINTS = 10;
const ROWS_PER_POINT = 1000;
const MAX_ROWS = POINTS * ROWS_PER_POINT;

/** A limit asked by hand: what an export costs is known only once its body has been read. */
@Controller('exports')
export class ExportsController {
  private readonly limiter: RateLimiter;

  constructor(limiters: RateLimiterService) {
    this.limiter = limiters.create({ name: 'exports', maxRequests: POINTS, windowSeconds: 60 });
  }

  @Post()
  @HumanOnly()
  async export(
    @CurrentCaller() caller: Caller,
    @Body('rows', ParseIntPipe) rows: number,
    @Res({ passthrough: true }) response: Response,
  ) {
    if (rows < 1 || rows > MAX_ROWS) throw new BadRequestException(`rows: 1 to ${MAX_ROWS}`);
    const cost = Math.ceil(rows / ROWS_PER_POINT);
    // A person has a user id: @HumanOnly() has seen to it that it is one.
    const decision = await this.limiter.consume({ user: caller.userId! }, cost);
    // Allowed or refused: a client can only hold back if it is told where it stands.
    response.set(rateLimitHeaders(decision));
    if (!decision.allowed) throw tooManyRequests(decision);
    return { rows, cost };
  }
}
