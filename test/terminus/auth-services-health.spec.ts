// Real: @nestjs/terminus in an application on both adapters; 12 here, 11 in `npm run compat`. Faked: the clock, and a terminus
// that knows no `degraded`.
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import { AuthServicesModule } from '../../src/auth-services.module.js';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { AuthServicesHealthIndicator, type AuthHealthThresholds } from '../../src/terminus/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/app.js';

const WINDOW_MS = 300_000;
/** 11 does not, and is told `up` with a mark. */
const KNOWS_DEGRADED = 'degraded' in new HealthIndicatorService().check('auth');

function setup(session?: { up: (data: object) => object; down: (data: object) => object }) {
  const clock = new ManualClock();
  const metrics = new MetricsCollector({}, clock.now);
  const audit = { status: { state: 'ok' as 'ok' | 'degraded' | 'failing' } };
  const indicators = session === undefined ? new HealthIndicatorService() : { check: () => session };
  const indicator = new AuthServicesHealthIndicator(indicators as never, metrics, audit as never);
  const record = (succeeded: number, failed: number, durationMs = 5): void => {
    for (let i = 0; i < succeeded; i++) metrics.recordValidationSuccess(durationMs);
    for (let i = 0; i < failed; i++) metrics.recordValidationFailure('expired_token', durationMs);
  };
  const check = (thresholds?: AuthHealthThresholds) => {
    const { auth } = indicator.isHealthy('auth', thresholds);
    if (auth['degraded'] === true) auth.status = 'degraded';
    return auth;
  };
  return { clock, metrics, audit, record, check };
}

describe('AuthServicesHealthIndicator', () => {
  it('is up when nothing has happened yet: no token is no failure', () => {
    expect(setup().check()).toEqual({ status: 'up', tokens: 0, audit: 'ok', store: 'up' });
  });

  it('is degraded below 95 % of at least 100 tokens, and says why', () => {
    const { record, check } = setup();
    record(95, 5);
    expect(check()).toMatchObject({ status: 'up', successRate: 95, tokens: 100 });
    record(0, 1);
    expect(check()).toMatchObject({
      status: 'degraded',
      reasons: ['success rate 94.06 % of 101 tokens, below 95 %'],
    });
  });

  it('does not judge the success rate of too few tokens', () => {
    const { record, check } = setup();
    record(0, 99);
    expect(check({ downSuccessRate: 90 }).status).toBe('up');
    expect(check({ downSuccessRate: 90, minTokens: 99 }).status).toBe('down');
  });

  it('is down for a low success rate only where that is asked for, because callers can bring the rate down', () => {
    const { record, check } = setup();
    record(50, 50);
    expect(check().status).toBe('degraded');
    expect(check({ downSuccessRate: 90 }).status).toBe('down');
    expect(check({ downSuccessRate: 50 }).status).toBe('degraded');
    expect(check({ degradedSuccessRate: false }).status).toBe('up');
  });

  it('judges the 95th percentile of the validations that came with a time', () => {
    const { record, check } = setup();
    record(95, 0, 10);
    record(5, 0, 400);
    expect(check()).toMatchObject({ status: 'degraded', validationTimeP95Ms: expect.closeTo(400, -0.5) });
    expect(check({ downP95Ms: 350 })).toMatchObject({ status: 'down' });
    expect(check({ degradedP95Ms: 500 })).toMatchObject({ status: 'up' });
    record(1, 0, 10);
    expect(check()).toMatchObject({ status: 'up', validationTimeP95Ms: expect.closeTo(10, 1) });
  });

  it('takes a degraded audit trail for degraded and a failing one for down, unless told otherwise', () => {
    const { audit, check } = setup();
    audit.status.state = 'degraded';
    expect(check()).toMatchObject({ status: 'degraded', audit: 'degraded' });
    audit.status.state = 'failing';
    expect(check()).toMatchObject({ status: 'down', audit: 'failing' });
    expect(check({ auditFailing: 'degraded' }).status).toBe('degraded');
    expect(check({ auditFailing: false }).status).toBe('up');
  });

  it('takes a store that is down for degraded, because limits go on locally', () => {
    const { metrics, check } = setup();
    metrics.recordStoreState('down');
    expect(check()).toMatchObject({ status: 'degraded', store: 'down' });
    expect(check({ storeDown: 'down' }).status).toBe('down');
  });

  it('is as bad as the worst that was found, and names that first', () => {
    const { metrics, audit, check } = setup();
    metrics.recordStoreState('down');
    audit.status.state = 'failing';
    const { status, reasons } = check();
    expect(status).toBe('down');
    expect(reasons).toEqual([expect.stringContaining('audit trail failing'), expect.stringContaining('store')]);
  });

  it('forgets what is older than two windows, so that an outage that is over does not count for ever', () => {
    const { clock, record, check } = setup();
    record(0, 1000, 900);
    expect(check().status).toBe('degraded');
    for (let minute = 0; minute < 11; minute++) {
      clock.advance(60_000);
      record(100, 0);
      check();
    }
    expect(check()).toMatchObject({ status: 'up', successRate: 100, validationTimeP95Ms: expect.closeTo(5, 1) });
  });

  it('sees an outage within a window, however good the month before it was', () => {
    const { clock, record, check } = setup();
    record(100_000, 0);
    check();
    clock.advance(WINDOW_MS);
    check();
    clock.advance(60_000);
    record(150, 50);
    expect(check()).toMatchObject({ status: 'degraded', tokens: 200, successRate: 75 });
  });

  it('begins anew when the collector is reset', () => {
    const { clock, metrics, record, check } = setup();
    record(1000, 0);
    check();
    clock.advance(WINDOW_MS);
    check();
    metrics.reset();
    record(0, 100);
    expect(check()).toMatchObject({ tokens: 100, successRate: 0 });
    clock.advance(1);
    metrics.reset();
    expect(check()).toMatchObject({ status: 'up', tokens: 0 });
  });

  it('tells a terminus without degraded that it is up, with a mark, because down would take it out of service', () => {
    const session = { up: (data: object) => ({ up: data }), down: (data: object) => ({ down: data }) };
    const { metrics, audit } = setup();
    const old = new AuthServicesHealthIndicator({ check: () => session } as never, metrics, audit as never);
    metrics.recordStoreState('down');
    expect(old.isHealthy()).toMatchObject({ up: { degraded: true, store: 'down' } });
    audit.status.state = 'failing';
    expect(old.isHealthy()).toMatchObject({ down: { audit: 'failing' } });
  });

  it.each([
    [{ degradedSuccessRate: 101 }, 'degradedSuccessRate must be a number of at least 0 and at most 100, or false'],
    [{ minTokens: 0 }, 'minTokens must be'],
    [{ windowSeconds: '60' }, 'windowSeconds must be'],
    [{ degradedP95: 100 }, 'Did you mean "degradedP95Ms"?'],
  ])('refuses thresholds that are none: %j', (thresholds, message) => {
    expect(() => setup().check(thresholds as never)).toThrow(message);
  });
});

describe.each(ADAPTERS)('in a health check on %s', (adapter) => {
  @Controller('health')
  class HealthController {
    constructor(
      @Inject(HealthCheckService) private readonly health: HealthCheckService,
      @Inject(AuthServicesHealthIndicator) private readonly auth: AuthServicesHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    check() {
      return this.health.check([() => this.auth.isHealthy('auth', { downSuccessRate: 90 })]);
    }
  }

  @Module({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      AuthServicesModule.forRoot({ audit: { sinks: [{ write: () => undefined }] } }),
    ],
    controllers: [HealthController],
    providers: [AuthServicesHealthIndicator],
  })
  class App {}

  let running: RunningApp;
  beforeEach(async () => {
    running = await startApp(adapter, App);
  });
  afterEach(() => running.close());

  it('goes from up over degraded (still 200) to down (503), from the services that the module provides', async () => {
    const metrics = running.app.get(MetricsCollector);
    expect(running.app.get(AuditLogger).status.state).toBe('ok');
    const up = await request(running.url).get('/health').expect(200);
    expect(up.body).toMatchObject({ status: 'ok', info: { auth: { status: 'up', audit: 'ok', store: 'up' } } });
    metrics.recordStoreState('down');
    const degraded = await request(running.url).get('/health').expect(200);
    const told = KNOWS_DEGRADED ? { status: 'degraded' } : { status: 'up', degraded: true };
    expect(degraded.body).toMatchObject({ status: KNOWS_DEGRADED ? 'degraded' : 'ok', info: { auth: told } });
    for (let i = 0; i < 100; i++) metrics.recordValidationFailure('expired_token');
    const down = await request(running.url).get('/health').expect(503);
    expect(down.body).toMatchObject({ status: 'error', error: { auth: { status: 'down', successRate: 0 } } });
  });
});
