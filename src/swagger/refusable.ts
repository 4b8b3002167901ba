import { AUDIT_METADATA, type AuditRouteOptions } from '../audit/audit-rules.js';
import { requirementOn } from '../m2m/kind-requirement.js';
import { notesOn } from '../rate-limit/metadata.js';
import type { RefusalCode } from '../refusal/refusal.js';
import { authenticates } from '../startup/authenticating-guards.js';
import { guardsOf } from '../startup/guard-placement.js';

/** What the decorators of a route cannot say, because it stands in the module's options or on every route. */
export interface ApiAuthServicesOptions {
  /** Callers must say who they are: 401. Default: `@HumanOnly()`, `@M2MOnly()` or an authenticating guard is on the route. */
  authenticated?: boolean | undefined;
  /** The route is limited: 429. `true` under `globalRateLimit` or `rateLimit.perIp`. Default: `@RateLimit()` is on it. */
  rateLimited?: boolean | undefined;
  /**
   * A store, the audit trail or the keys may be away: 503. `true` where a policy by name has `onStoreFailure: 'closed'`.
   * Default: a policy written out here has it, `@Audit()` has `durability: 'intent'`, or our `JwtAuthGuard` is on the route.
   */
  unavailable?: boolean | undefined;
}

/** With which codes a route may refuse, by status; a status without a code is not documented. */
export interface Refusable {
  readonly 401: readonly RefusalCode[];
  readonly 403: readonly RefusalCode[];
  readonly 429: readonly RefusalCode[];
  readonly 503: readonly RefusalCode[];
}

/** Read from the decorators of a route, method before class. */
export function refusableOf(controller: Function, handler: Function, options: ApiAuthServicesOptions): Refusable {
  const requirement = requirementOn(controller, handler);
  const { policies, skipsAll } = notesOn(controller, handler);
  const guards = [...guardsOf(controller), ...guardsOf(handler)];
  const isAuthenticated = requirement !== undefined || guards.some((guard) => authenticates(guard) === 'surely');
  const isLimited = policies !== undefined && !skipsAll;
  const isClosed =
    isLimited && policies.some((policy) => typeof policy !== 'string' && policy.onStoreFailure === 'closed');
  const audit = (Reflect.getMetadata(AUDIT_METADATA, handler) ?? Reflect.getMetadata(AUDIT_METADATA, controller)) as
    AuditRouteOptions | undefined;
  const away: RefusalCode[] = [];
  if (options.unavailable ?? isClosed) away.push('rate_limit_unavailable');
  if (options.unavailable ?? audit?.durability === 'intent') away.push('audit_unavailable');
  if (options.unavailable ?? guards.some(fetchesKeys)) away.push('keys_unavailable');
  return {
    401: (options.authenticated ?? isAuthenticated) ? ['unauthenticated'] : [],
    403: requirement === undefined ? [] : [requirement.kind === 'human' ? 'human_only' : 'm2m_only'],
    429: (options.rateLimited ?? isLimited) ? ['rate_limited'] : [],
    503: away,
  };
}

/** Ours, by its name: the doorway it lives in has a peer of its own. */
const fetchesKeys = (guard: Function): boolean => guard.name === 'JwtAuthGuard';
