// Real: the sink. The contract is the package's own: what AuditLogger relies on, as cases for any test runner.
import { describe, expect, it } from '@jest/globals';
import { AuditLogger } from 'nestjs-auth-services';
import { auditSinkContract } from 'nestjs-auth-services/testing';
import { WebhookAuditSink } from '../src/webhook.sink.js';

describe('WebhookAuditSink', () => {
  const cases = auditSinkContract(() => new WebhookAuditSink(() => Promise.resolve()));
  it.each(cases)('$name', ({ run }) => run());

  it('is offered a batch again when the address did not take it, so that nothing is lost', async () => {
    let failures = 1;
    let audit: AuditLogger | undefined;
    const taken = new Promise<string>((resolve) => {
      const sink = new WebhookAuditSink((body) => {
        if (failures-- > 0) return Promise.reject(new Error('503'));
        resolve(body);
        return Promise.resolve();
      });
      audit = new AuditLogger({ sinks: [sink] });
      audit.logAuthFailure('wrong_password', { userId: 'alice' });
    });
    expect(JSON.parse(await taken)).toMatchObject([{ eventType: 'auth_failure', userId: 'alice' }]);
    expect(audit?.status.dropped).toEqual({});
  });
});
