import { Controller, Get } from '@nestjs/common';
import { RateLimit } from 'nestjs-auth-services';

/** The decorator: by user, by client for machines, else by address. */
@Controller('search')
export class SearchController {
  /** The default limit: 5 a minute for a person, 20 for a machine. */
  @Get()
  @RateLimit()
  search() {
    return { found: 3 };
  }

  /** Two limits at once: no bursts, and not too much in a minute. A call that one of them refuses is charged to neither. */
  @Get('suggestions')
  @RateLimit([
    { name: 'burst', maxRequests: 2, windowSeconds: 1 },
    { name: 'minute', maxRequests: 30, windowSeconds: 60 },
  ])
  suggestions() {
    return { suggestions: ['nest', 'nestjs'] };
  }
}
