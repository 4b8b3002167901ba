// Real: the module on both frameworks and loopback sockets, and inject. Faked: the guards that refuse are plain ones of the test.
import { Controller, Module, Post, UseGuards } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Audit, AuditLogger, AuthServicesModule } from '../../src/index.js';
import { RecordingAuditSink } from '../../src/testing/index.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';
import { settledEvents } from '../support/audited-app.js';
import { HeaderAuthGuard } from '../support/header-auth.js';
import { ABORTED, askAndLeave, on, OUTCOMES, statusFor } from '../support/outcomes.js';
import { OutcomesModule } from '../support/outcomes-app.js';

const sink = new RecordingAuditSink();

@Controller('refunds')
@UseGuards(HeaderAuthGuard)
class RefundsController {
  @Audit({ action: 'order.refund' })
  @Post()
  refund() {
    return 'refunded';
  }
}

@Module({
  imports: [AuthServicesModule.forRoot({ audit: { sinks: [sink] } }), OutcomesModule],
  controllers: [RefundsController],
})
class App {}

describe.each(ADAPTERS)('the audit trail on %s', (adapter) => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp(adapter, App);
  });
  afterAll(() => running.close());
  beforeEach(async () => {
    await running.app.get(AuditLogger).flush();
    sink.clear();
  });

  it.each(OUTCOMES)('holds exactly one event, of the right type and status, for: $name', async (outcome) => {
    const response = await fetch(running.url + outcome.path, {
      ...outcome.init,
      headers: { ...outcome.init?.headers, 'user-agent': 'outcome-test' },
    });
    await response.arrayBuffer();
    const found = await settledEvents(running, sink);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      eventType: on(outcome.eventType, adapter),
      statusCode: statusFor(outcome, adapter),
      method: outcome.init?.method ?? 'GET',
      path: outcome.path.split('?')[0],
      ipAddress: '127.0.0.1',
      userAgent: 'outcome-test',
      durationMs: expect.any(Number),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    if (outcome.reason !== undefined) {
      expect(found[0]!.reason).toEqual(
        typeof outcome.reason === 'string' ? outcome.reason : expect.stringMatching(outcome.reason),
      );
    }
    expect(found[0]!.userId).toBe(outcome.userId);
    expect(found[0]!.isM2M).toBe(outcome.userId === undefined ? undefined : false);
    if (outcome.route !== undefined) expect(found[0]!.route).toBe(outcome.route);
  });

  it.each(ABORTED)('tells a client that went away from a request that was answered: $name', async ({ path }) => {
    await askAndLeave(running, path, (received) => path === '/o/hangs' || received.includes('\r\n\r\n'));
    expect(await settledEvents(running, sink)).toMatchObject([
      { eventType: 'request_aborted', outcome: 'aborted', path, userAgent: 'leaving' },
    ]);
  });

  it('names the action of a call that a guard refused, because that is whom an audit asks about first', async () => {
    await (await fetch(`${running.url}/refunds`, { method: 'POST' })).text();
    expect(await sink.waitFor('auth_failure')).toMatchObject({ action: 'order.refund', route: '/refunds' });
  });

  it('names the route by its pattern, so that events of one route can be counted whatever the id was', async () => {
    await (await fetch(`${running.url}/o/number/7`)).text();
    expect(await settledEvents(running, sink)).toMatchObject([{ path: '/o/number/7', route: '/o/number/:id' }]);
  });
});

@Module({
  imports: [
    AuthServicesModule.forRoot({ audit: { sinks: [sink], excludePaths: ['/*'], transform: () => null } }),
    OutcomesModule,
  ],
})
class HidesAll {}

describe.each(ADAPTERS)('an audit trail that is told to leave out everything, on %s', (adapter) => {
  it('still holds every 401, 403, 429 and 5xx, and nothing else', async () => {
    const running = await startApp(adapter, HidesAll);
    sink.clear();
    const kept: string[] = [];
    for (const outcome of OUTCOMES) {
      await (await fetch(running.url + outcome.path, outcome.init)).arrayBuffer();
      const statusCode = statusFor(outcome, adapter);
      if (statusCode >= 500 || [401, 403, 429].includes(statusCode)) kept.push(outcome.path);
    }
    await until(() => sink.events.length >= kept.length, 'the events are logged');
    expect(new Set(sink.events.map(({ path }) => path))).toEqual(new Set(kept));
    expect(sink.events).toHaveLength(kept.length);
    expect(kept.length).toBeGreaterThan(12);
    await running.close();
  });
});
