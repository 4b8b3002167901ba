import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { SkipAudit, type AuditVerification } from 'nestjs-auth-services';
import { ATTACKS, Trail } from './trail.js';

// Who may ask this is a question of its own: see the sample 04-audit.
@SkipAudit()
@Controller('trail')
export class TrailController {
  constructor(private readonly trail: Trail) {}

  @Get('verify')
  verify(): Promise<AuditVerification> {
    return this.trail.verify();
  }

  /** What the verifier says of a copy that somebody has tampered with: edit, remove, cut. */
  @Get('verify-after/:attack')
  verifyAfter(@Param('attack') name: string): Promise<AuditVerification> {
    const attack = Object.hasOwn(ATTACKS, name) ? ATTACKS[name] : undefined;
    if (attack === undefined)
      throw new NotFoundException(`No such attack. There are: ${Object.keys(ATTACKS).join(', ')}`);
    return this.trail.verifyAfter(attack);
  }
}
