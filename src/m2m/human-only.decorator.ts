import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { HumanOnlyGuard } from './human-only.guard.js';
import { onlyOneKind } from './kind-decorator.js';
import { KIND_METADATA, type KindRequirement } from './kind-requirement.js';

const HUMAN: KindRequirement = { kind: 'human' };

/**
 * A route, or each route of a class, for people only: a machine gets a 403 `human_only`, and so does a caller whose
 * claims do not tell, unless `m2m.unknown` is `'allow'`. Its place beside `@UseGuards()` does not matter. On a method
 * it goes before what the class says.
 *
 * @throws OptionsError where `@HumanOnly()` or `@M2MOnly()` is already.
 *
 * @example
 * ```ts
 * @HumanOnly()
 * @Get('profile')
 * profile(@CurrentCaller() caller: Caller) {
 *   return caller.userId;
 * }
 * ```
 */
export function HumanOnly(): MethodDecorator & ClassDecorator {
  return onlyOneKind('@HumanOnly()', applyDecorators(SetMetadata(KIND_METADATA, HUMAN), UseGuards(HumanOnlyGuard)));
}
