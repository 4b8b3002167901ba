import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { OptionsError } from '../options/options-error.js';
import { connectionRecordOf, recordOf } from './call-record.js';
import type { Caller } from './caller.js';
import { latestCallers } from './calls.js';

/* oxlint-disable typescript/no-explicit-any -- pipes take and give what the application likes */

const resolveCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => callerOf(context));

const resolveClaims = createParamDecorator((claim: string | undefined, context: ExecutionContext): unknown => {
  const { claims } = callerOf(context);
  if (claim === undefined) return claims;
  return claims !== undefined && Object.hasOwn(claims, claim) ? claims[claim] : undefined;
});

/**
 * Who is calling, as a parameter of a handler, on every transport. Never `undefined`: without a principal its `kind` is
 * `'anonymous'`.
 *
 * @example
 * ```ts
 * @Get('me')
 * me(@CurrentCaller() caller: Caller) {
 *   return { kind: caller.kind, id: caller.userId ?? caller.clientId };
 * }
 * ```
 */
export const CurrentCaller = (...pipes: any[]): ParameterDecorator => resolveCaller(...pipes);

/**
 * The verified claims of the caller's token, or one of them; `undefined` where there are none.
 *
 * @example
 * ```ts
 * @Get('tenant')
 * tenant(@TokenClaims('tenant_id') tenantId: string | undefined) {
 *   return { tenantId };
 * }
 * ```
 */
export const TokenClaims = (claim?: string, ...pipes: any[]): ParameterDecorator => resolveClaims(claim, ...pipes);

/**
 * Parameter decorators get nothing injected. Whoever resolves callers is noted by the entrance and in front of guards and
 * handlers; elsewhere, in a field below a root field, the application that started last does it.
 */
function callerOf(context: ExecutionContext): Caller {
  const callers = recordOf(context).callers ?? connectionRecordOf(context)?.callers ?? latestCallers();
  if (callers === undefined) {
    throw new OptionsError(
      'ERR_AUTH_SERVICES_MODULE_MISSING',
      '@CurrentCaller() and @TokenClaims() need AuthServicesModule: import AuthServicesModule.forRoot().',
    );
  }
  return callers.of(context);
}
