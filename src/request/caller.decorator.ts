import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { OptionsError } from '../options/options-error.js';
import type { Caller, CallerSource } from './caller.js';
import { findRecord, recordOf } from './record.js';
import { connectionOf } from './transport.js';

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

const LATEST = Symbol.for('nestjs-auth-services.callers');
type Holder = { [LATEST]?: CallerSource };

/** Parameter decorators get nothing injected: where no guard or entrance noted who resolves callers, the application that started last does. */
export function offerCallers(callers: CallerSource): void {
  (globalThis as Holder)[LATEST] = callers;
}

function callerOf(context: ExecutionContext): Caller {
  const connection = connectionOf(context);
  const callers =
    recordOf(context).callers ?? (connection && findRecord(connection))?.callers ?? (globalThis as Holder)[LATEST];
  if (callers === undefined) {
    throw new OptionsError(
      'ERR_AUTH_SERVICES_MODULE_MISSING',
      '@CurrentCaller() and @TokenClaims() need AuthServicesModule: import AuthServicesModule.forRoot().',
    );
  }
  return callers.of(context);
}
