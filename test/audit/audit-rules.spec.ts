// Real: the decorators and what is read from them. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import { AuditRules } from '../../src/audit/audit-rules.js';
import { Audit } from '../../src/audit/audit.decorator.js';
import { SkipAudit } from '../../src/audit/skip-audit.decorator.js';

const classMetadata = (): Record<string, unknown> => ({ of: 'class' });

@Audit({ action: 'class', metadata: classMetadata })
class Audited {
  plain(): void {}
  @Audit({ action: 'own' }) own(): void {}
  @SkipAudit() skipped(): void {}
}

@SkipAudit()
class Quiet {
  plain(): void {}
  @Audit() loud(): void {}
}

class Inherits extends Audited {}
class Other {
  plain(): void {}
}

const plainOf = (controller: Function): Function => (controller.prototype as { plain: Function }).plain;

describe('AuditRules', () => {
  const rules = new AuditRules();
  const rule = (controller: Function, handler: string) =>
    rules.of(controller, controller.prototype[handler] as Function);

  it('lets a class speak for its routes', () => {
    expect(rule(Audited, 'plain')).toEqual({
      isSkipped: false,
      isNamed: true,
      action: 'class',
      durability: 'buffered',
      metadata: classMetadata,
    });
    expect(rule(Quiet, 'plain')).toMatchObject({ isSkipped: true, isNamed: false });
    expect(rule(Other, 'plain')).toMatchObject({ isSkipped: false, isNamed: false });
  });

  it('lets a method speak before its class, in both directions', () => {
    expect(rule(Audited, 'own')).toMatchObject({ isNamed: true, action: 'own', metadata: classMetadata });
    expect(rule(Audited, 'skipped')).toMatchObject({ isSkipped: true });
    expect(rule(Quiet, 'loud')).toMatchObject({ isSkipped: false, isNamed: true, action: 'Quiet.loud' });
  });

  it('tells one handler of two classes apart, because controllers inherit handlers', () => {
    expect(rule(Inherits, 'plain').action).toBe('class');
    expect(rules.of(Quiet, plainOf(Audited))).toMatchObject({ isSkipped: true });
    expect(rules.of(Audited, plainOf(Audited))).toMatchObject({ isNamed: true });
  });

  it('reads a route once', () => {
    expect(rule(Audited, 'plain')).toBe(rule(Audited, 'plain'));
    expect(rules.of(undefined, undefined)).toMatchObject({ isNamed: false });
  });
});
