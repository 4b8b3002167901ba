import { Controller, Get } from '@nestjs/common';
import { RateLimit } from 'nestjs-auth-services';
import { AllowAnonymous } from 'nestjs-auth-services/jwt';
import { partnerOf } from './partners.js';

/** An identifier of your own: whoever shares an API key shares its limit. */
@Controller('prices')
export class PricesController {
  @Get()
  @AllowAnonymous()
  @RateLimit({ maxRequests: 3, windowSeconds: 60, identifier: partnerOf })
  prices() {
    return { nest: 0 };
  }
}
