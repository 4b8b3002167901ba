// Real: the logger. Faked: sinks; the time that gaps are gathered for is the real second.
import { describe, expect, it } from '@jest/globals';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import { RecordingAuditSink } from '../../src/testing/recording-audit-sink.js';
import { until } from '../support/app.js';
import { entry, PlainSink } from './support.js';

describe('what the log says of itself', () => {
  it('begins and ends the trail of a sink, and says with which settings, but none of the secrets in them', async () => {
    const sink = new PlainSink();
    const logger = new AuditLogger({ sinks: [sink], pseudonymKey: 'k'.repeat(20), redact: ['email'] });
    logger.start();
    logger.start();
    logger.log(entry(1));
    await logger.close();
    expect(sink.events.map(({ eventType }) => eventType)).toEqual([
      'audit.start',
      'audit.config',
      'request_success',
      'audit.stop',
    ]);
    expect(sink.events[1]!.metadata).toMatchObject({
      hash: expect.stringMatching(/^[\w-]{43}$/),
      config: { sinks: ['PlainSink'], redact: ['email'], ipAddress: 'hmac', hasPseudonyms: true },
    });
    expect(JSON.stringify(sink.events)).not.toContain('kkkk');
  });

  it('tells the other sinks what one did not get, once for a second, and never a logger that was not started', async () => {
    const good = new RecordingAuditSink();
    const hangs = { name: 'hangs', write: () => new Promise<void>(() => undefined) };
    const logger = new AuditLogger({ sinks: [hangs, good], queue: { maxEvents: 50 } });
    logger.start();
    for (let index = 0; index < 500; index++) logger.log(entry(index));
    await until(() => good.own.length > 2, 'the gap is told');
    expect(good.own[2]).toMatchObject({
      eventType: 'audit.gap',
      reason: 'queue_full',
      metadata: { sink: 'hangs', count: logger.status.dropped['queue_full'], firstAt: expect.any(String) },
    });
    expect(good.events).toHaveLength(500);
  });

  it('spares the console and the callback, where nobody keeps a trail', async () => {
    const seen: string[] = [];
    const logger = new AuditLogger({ logCallback: ({ eventType }) => void seen.push(eventType) });
    logger.start();
    logger.log(entry(1));
    await logger.close();
    expect(seen).toEqual(['request_success']);
  });
});
