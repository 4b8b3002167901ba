// Real: the sink, and Nest's own logger in one case. Faked: a logger that keeps what it is given.
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AuditLogger } from '../../../src/audit/audit-logger.js';
import { ConsoleAuditSink } from '../../../src/audit/sinks/console-audit-sink.js';
import { auditSinkContract } from '../../../src/testing/audit-sink-contract.js';
import { event } from '../support.js';

function keeping(): LoggerService & { kept: [string, ...unknown[]][] } {
  const kept: [string, ...unknown[]][] = [];
  const keep =
    (level: string) =>
    (...args: unknown[]) =>
      void kept.push([level, ...args]);
  return { kept, log: keep('log'), warn: keep('warn'), error: keep('error') };
}

describe('ConsoleAuditSink', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each(auditSinkContract(() => new ConsoleAuditSink({ logger: keeping() })))(
    'as every sink: $name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
  );

  it('hands each event over as one object, so that a structured logger keeps its fields', () => {
    const logger = keeping();
    const events = [event(1), event(2)];
    new ConsoleAuditSink({ logger }).write(events);
    expect(logger.kept).toEqual([
      ['log', events[0]],
      ['log', events[1]],
    ]);
  });

  it('warns of what was denied, and reports what broke as an error', () => {
    const logger = keeping();
    new ConsoleAuditSink({ logger }).write([
      event(1, { eventType: 'auth_failure' }),
      event(2, { eventType: 'access_denied', outcome: 'denied' }),
      event(3, { eventType: 'request_error', outcome: 'denied', statusCode: 429 }),
      event(4, { eventType: 'request_exception', outcome: 'error' }),
      event(5, { eventType: 'request_error', outcome: 'error' }),
    ]);
    expect(logger.kept.map(([level]) => level)).toEqual(['warn', 'warn', 'warn', 'error', 'log']);
  });

  it('shows what a terminal would obey or nobody could see, because callers write it', () => {
    const logger = keeping();
    new ConsoleAuditSink({ logger }).write([
      event(1, { userAgent: '\u009b2J\u202egnp', metadata: { 'a\u2028': ['\u200b', 1, null] } }),
    ]);
    expect(logger.kept[0]![1]).toMatchObject({
      userAgent: '\\u009b2J\\u202egnp',
      metadata: { 'a\\u2028': ['\\u200b', 1, null] },
    });
  });

  it("goes through Nest's logger by default, under the context Audit, and follows the application's own", async () => {
    const logger = keeping();
    Logger.overrideLogger(logger);
    try {
      const audit = new AuditLogger();
      audit.logAuthFailure('expired_token', { userId: 'ann' });
      await audit.close();
    } finally {
      Logger.overrideLogger(new ConsoleLogger());
    }
    expect(logger.kept).toHaveLength(1);
    expect(logger.kept[0]).toEqual([
      'warn',
      expect.objectContaining({ eventType: 'auth_failure', userId: 'ann' }),
      'Audit',
    ]);
  });

  it('comes out of the JSON console logger as one line with the event in it', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    new ConsoleAuditSink({ logger: new ConsoleLogger('Audit', { json: true, colors: false }) }).write([event(7)]);
    const lines = write.mock.calls.map(([text]) => String(text));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'log',
      context: 'Audit',
      message: { eventType: 'request_success', metadata: { index: 7 } },
    });
  });

  it('refuses a logger that is none', () => {
    expect(() => new ConsoleAuditSink({ logger: {} as LoggerService })).toThrow(
      /ConsoleAuditSink\.logger must be a LoggerService/,
    );
  });
});
