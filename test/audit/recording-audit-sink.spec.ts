// Real: the recording sink and the contract of sinks, tried on sinks that break it. Faked: those.
import { describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import type { AuditSink } from '../../src/audit/audit-sink.js';
import { auditSinkContract } from '../../src/testing/audit-sink-contract.js';
import { RecordingAuditSink } from '../../src/testing/recording-audit-sink.js';

describe('RecordingAuditSink', () => {
  it.each(auditSinkContract(() => new RecordingAuditSink()))('as every sink: $name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  it('has an event as soon as log has returned, so that a test need not wait', () => {
    const sink = new RecordingAuditSink();
    const audit = new AuditLogger({ sinks: [sink] });
    audit.logAccessDenied('not_owner', { userId: 'ann', metadata: { order: 7, more: true } });
    expect(sink.assertLogged('access_denied', { reason: 'not_owner', metadata: { order: 7 } })).toBe(sink.events[0]);
    sink.assertNotLogged('access_denied', { metadata: { order: 8 } });
    sink.assertNotLogged('auth_failure');
    expect(sink.find('access_denied', { userId: 'bob' })).toBeUndefined();
    expect(() => sink.assertLogged('auth_failure', { userId: 'ann' })).toThrow(
      /No audit event auth_failure .*"ann".*\n.*not_owner/,
    );
    expect(() => sink.assertNotLogged('access_denied')).toThrow(/not_owner/);
    sink.clear();
    expect(() => sink.assertLogged('access_denied')).toThrow('None was logged');
  });

  it('waits for an event that comes later, and says what came instead', async () => {
    const sink = new RecordingAuditSink();
    const audit = new AuditLogger({ sinks: [sink] });
    const waiting = sink.waitFor('auth_failure', { reason: 'missing' });
    audit.logAuthFailure('expired_token');
    audit.logAuthFailure('missing');
    expect(await waiting).toMatchObject({ reason: 'missing' });
    await expect(sink.waitFor('auth_success', {}, 5)).rejects.toThrow(/within 5 ms[^]*expired_token/);
  });
});

describe('auditSinkContract', () => {
  const broken: [string, () => AuditSink][] = [
    [
      'changes events',
      () => ({ write: (events) => void ((events[0] as { eventType: string }).eventType = 'changed') }),
    ],
    ['empties its batch', () => ({ write: (events) => void (events as AuditEvent[]).splice(0) })],
    [
      'fails on hostile text',
      () => ({
        write: (events) => {
          if (JSON.stringify(events).includes('DROP')) throw new Error('no');
        },
      }),
    ],
    [
      'fails to close twice',
      () => {
        let closed = 0;
        return {
          write: () => undefined,
          close: async () => {
            if (closed++ > 0) throw new Error('twice');
          },
        };
      },
    ],
    ['has a name that no status can show', () => ({ name: '\u001b[31m', write: () => undefined })],
  ];
  it.each(broken)('finds a sink that %s', async (_what, create) => {
    const results = await Promise.allSettled(auditSinkContract(create).map(({ run }) => run()));
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });
});
