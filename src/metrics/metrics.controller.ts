import {
  Controller,
  Get,
  Inject,
  Optional,
  Req,
  Res,
  SetMetadata,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { setHeaders } from '../request/http-message.js';
import { MetricsCollector } from './metrics-collector.js';
import { MetricsEndpointGuard } from './metrics-endpoint.guard.js';
import { metricsResponse } from './metrics-response.js';
import { SharedMetrics } from './shared-metrics.js';

/* oxlint-disable typescript/no-explicit-any -- the request and response of whichever framework it is */

/**
 * Makes the controller that answers `GET {path}`, under the application's global prefix if it has one. It is asked for
 * its own token and not for a user's, and not limited: a scraper must be able to see that a limit is too low.
 */
export function metricsController(path: string): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class AuthMetricsController {
    constructor(
      @Inject(MetricsCollector) private readonly collector: MetricsCollector,
      @Optional() @Inject(SharedMetrics) private readonly shared?: SharedMetrics,
    ) {}

    @Get()
    @UseGuards(MetricsEndpointGuard)
    // Literal keys of rooms and doorways that this one must not import: @AllowAnonymous(), and a bearer token that is
    // no user's is no failed login; @SkipRateLimit(), of every policy; @SkipAudit(), which never hides a 401 or 403.
    @SetMetadata('auth-services:allow-anonymous', true)
    @SetMetadata('auth-services:own-authentication', true)
    @SetMetadata('auth-services:skip-rate-limit', [])
    @SetMetadata('auth-services:skip-audit', true)
    read(@Req() request: any, @Res() response: any): void {
      const { headers, body } = metricsResponse(this.shared ?? this.collector, request.headers.accept);
      setHeaders(response, headers);
      // Not returned: an interceptor that wraps every answer in an object would leave nothing that Prometheus can read.
      if (response.raw === undefined) response.end(body);
      else response.send(body);
    }
  }
  return AuthMetricsController;
}
