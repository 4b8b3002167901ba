// Real: the module on both frameworks and loopback sockets, and inject. Faked: the guards that refuse are plain ones of the test.
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditLogger, AuthServicesModule, type AuditEvent } from '../../src/index.js';
import { RecordingAuditSink } from '../../src/testing/index.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';
import { ABORTED, askAndLeave, OUTCOMES, OutcomesController, statusFor } from '../support/outcomes.js';

const sink = new RecordingAuditSink();

@Module({
  imports: [AuthServicesModule.forRoot({ audit: { sinks: [sink] } })],
  controllers: [OutcomesController],
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

  /** The events so far, once there is one, and after another request has had the time to add a second by mistake. */
  async function events(): Promise<readonly AuditEvent[]> {
    const logger = running.app.get(AuditLogger);
    await until(() => logger.status.queued > 0 || sink.events.length > 0, 'an event is logged');
    await logger.flush();
    const seen = sink.events.length;
    await (await fetch(`${running.url}/o/text`)).text();
    await until(() => logger.status.queued > 0 || sink.events.length > seen, 'the next event is logged');
    await logger.flush();
    expect(sink.events.at(-1)).toMatchObject({ path: '/o/text' });
    return sink.events.slice(0, -1);
  }

  it.each(OUTCOMES)('holds exactly one event, of the right type and status, for: $name', async (outcome) => {
    const response = await fetch(running.url + outcome.path, {
      ...outcome.init,
      headers: { ...outcome.init?.headers, 'user-agent': 'outcome-test' },
    });
    await response.arrayBuffer();
    const found = await events();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      eventType: outcome.eventType,
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
    expect(found[0]).not.toHaveProperty('userId');
    expect(found[0]).not.toHaveProperty('isM2M');
  });

  it.each(ABORTED)('tells a client that went away from a request that was answered: $name', async ({ path }) => {
    await askAndLeave(running, path, (received) => path === '/o/hangs' || received.includes('\r\n\r\n'));
    expect(await events()).toMatchObject([
      { eventType: 'request_aborted', outcome: 'aborted', path, userAgent: 'leaving' },
    ]);
  });

  it('names the route by its pattern, so that events of one route can be counted whatever the id was', async () => {
    await (await fetch(`${running.url}/o/number/7`)).text();
    expect(await events()).toMatchObject([{ path: '/o/number/7', route: '/o/number/:id' }]);
  });
});

describe('the audit trail without a socket', () => {
  it('holds one event for a request that came through inject', async () => {
    sink.clear();
    const running = await startApp('fastify', App);
    await (running.app as NestFastifyApplication).inject({ url: '/o/ok' });
    await running.app.get(AuditLogger).flush();
    expect(sink.events).toMatchObject([{ eventType: 'request_success', path: '/o/ok', statusCode: 200 }]);
    await running.close();
  });
});
