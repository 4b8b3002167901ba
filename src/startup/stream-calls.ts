import { requirementOn } from '../m2m/kind-requirement.js';
import { OptionsError } from '../options/options-error.js';
import { notesOn } from '../rate-limit/metadata.js';
import type { Handler } from '../request/handler.js';
import { isPassedThrough } from '../request/transports/rpc.js';

/**
 * Refuses what could not refuse: what a guard throws in front of a `@GrpcStreamCall()` handler reaches no exception handler
 * of Nest's. The client would wait for ever, and the process end of an unhandled rejection.
 */
export function checkStreamCall(handler: Handler, isLimitGlobal: boolean): void {
  const { controller, name, method } = handler;
  if (!isPassedThrough(method)) return;
  const refuses = refuserOn(handler, isLimitGlobal);
  if (refuses === undefined) return;
  throw new OptionsError(
    'ERR_AUTH_SERVICES_STREAM_CALL',
    `${refuses} on ${controller.name}.${name} cannot refuse: Nest drops what a guard throws before a @GrpcStreamCall() handler. ` +
      'Make it a @GrpcStreamMethod(), or leave the method out: @SkipRateLimit(), and no @HumanOnly() or @M2MOnly().',
  );
}

function refuserOn({ controller, method }: Handler, isLimitGlobal: boolean): string | undefined {
  const requirement = requirementOn(controller, method);
  if (requirement !== undefined) return requirement.kind === 'human' ? '@HumanOnly()' : '@M2MOnly()';
  const { policies, skipsAll } = notesOn(controller, method);
  if (skipsAll) return undefined;
  return policies !== undefined ? '@RateLimit()' : isLimitGlobal ? 'globalRateLimit' : undefined;
}
