import 'reflect-metadata';
import type { Refusal } from '../refusal/refusal.js';
import type { Caller } from '../request/caller.js';

/** A literal key: two copies of the package in one process read each other's decorators. */
export const KIND_METADATA = 'auth-services:m2m';

/** Who a route is for. */
export interface KindRequirement {
  readonly kind: 'human' | 'm2m';
  /** Any one of these, for machines. */
  readonly clientIds?: readonly string[] | undefined;
  /** All of these, for machines. */
  readonly scopes?: readonly string[] | undefined;
}

/** What the decision needs to know beside the caller. */
export interface KindRules {
  /** What `@HumanOnly()` does with a caller whose kind cannot be told. */
  readonly unknown: 'deny' | 'allow';
  scopesOf(caller: Caller): readonly string[];
}

/** What the decorators say of a route: the method's word goes before its class's. */
export function requirementOn(controller: Function, handler: Function): KindRequirement | undefined {
  const onMethod = Reflect.getMetadata(KIND_METADATA, handler) as KindRequirement | undefined;
  return onMethod ?? (Reflect.getMetadata(KIND_METADATA, controller) as KindRequirement | undefined);
}

const NOBODY: Refusal = {
  statusCode: 401,
  code: 'unauthenticated',
  message: 'Unauthorized',
  headers: { 'WWW-Authenticate': 'Bearer' },
};
const HUMAN_ONLY: Refusal = { statusCode: 403, code: 'human_only', message: 'This resource is for people only' };
const M2M_ONLY: Refusal = { statusCode: 403, code: 'm2m_only', message: 'This resource is for machines only' };
/** One message for a person and for the wrong machine: it does not say what would have been right. */
const NOT_THIS_MACHINE: Refusal = { ...M2M_ONLY, message: 'This resource is for certain machines only' };

/** Why this caller is refused; `undefined` if it may pass. */
export function refusalOf(requirement: KindRequirement, caller: Caller, rules: KindRules): Refusal | undefined {
  if (caller.kind === 'anonymous') return NOBODY;
  if (requirement.kind === 'human') {
    return caller.kind === 'human' || (caller.kind === 'unknown' && rules.unknown === 'allow') ? undefined : HUMAN_ONLY;
  }
  const { clientIds, scopes } = requirement;
  const isListed = clientIds === undefined && scopes === undefined;
  if (caller.kind !== 'm2m') return isListed ? M2M_ONLY : NOT_THIS_MACHINE;
  if (clientIds !== undefined && !(caller.clientId !== undefined && clientIds.includes(caller.clientId))) {
    return NOT_THIS_MACHINE;
  }
  if (scopes === undefined) return undefined;
  const held = rules.scopesOf(caller);
  return scopes.every((scope) => held.includes(scope)) ? undefined : NOT_THIS_MACHINE;
}
