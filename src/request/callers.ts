import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { recordOf } from './call-record.js';
import type { Caller, CallerKind, CallerSource, IdentityOptions } from './caller.js';
import type { ClaimsClassifier, ClaimsVerdict, JwtClaims } from './claims.js';
import { DEFAULT_IPV6_PREFIX_LENGTH } from './identity.options.js';
import { ipNetwork, normalizeIp } from './ip.js';
import type { RequestRecord } from './record.js';
import { http } from './transports/http.js';
import { transportOf, type Transport } from './transports/index.js';
import type { TransportDefinition } from './transports/transport.js';

/* oxlint-disable typescript/no-explicit-any -- requests and principals are whatever the application's own are */

type Reported = (hook: string, error: unknown) => void;
type By = TransportDefinition<Transport>;

/**
 * Says who is calling, from what the application's authentication left behind; it never reads the Authorization
 * header. The answer is kept on the call's record once a principal is known, so that it is worked out once.
 *
 * A hook of `identity` that throws is reported once and counts as "nothing found".
 */
export class Callers implements CallerSource {
  private readonly verdicts = new WeakMap<object, ClaimsVerdict>();
  /** Of principals that cannot change: a verified-token cache hands over the same one each time. */
  private readonly identified = new WeakMap<object, Identified>();
  private readonly reportedHooks = new Set<string>();
  private readonly ipv6PrefixLength: number;
  /** What the application's own functions say may be another thing the next time. */
  private readonly isOwnWork: boolean;

  constructor(
    private readonly options: IdentityOptions = {},
    private readonly classifier: ClaimsClassifier,
    private readonly report: Reported = () => undefined,
  ) {
    this.ipv6PrefixLength = options.ipv6PrefixLength ?? DEFAULT_IPV6_PREFIX_LENGTH;
    const { getClaims, getKind, getUserId, getClientId } = options;
    this.isOwnWork = [getClaims, getKind, getUserId, getClientId].every((hook) => hook === undefined);
  }

  /** The caller of this call. */
  of(context: ArgumentsHost): Caller {
    const transport = transportOf(context);
    return this.resolve(recordOf(context), transport, transport.requestOf(context), context as ExecutionContext);
  }

  /** The caller of an HTTP request, asked without a context: at its entrance or its end. */
  ofRecord(record: RequestRecord): Caller {
    return this.resolve(record, http, record.request, undefined);
  }

  /** What is counted of a caller's address: see `identity.ipv6PrefixLength`. */
  countedIp(ip: string): string {
    return ipNetwork(ip, this.ipv6PrefixLength);
  }

  private resolve(record: RequestRecord, transport: By, request: any, context?: ExecutionContext): Caller {
    const principal = this.principalOf(transport, request, context);
    const known = record.caller;
    if (known !== undefined && known.principal === principal && known.request === request) return known;
    const caller = this.describe(transport, request, principal, record.address, context);
    record.caller = caller;
    return caller;
  }

  private principalOf(transport: By, request: any, context?: ExecutionContext): unknown {
    const { getPrincipal } = this.options;
    const found = getPrincipal
      ? this.ask('getPrincipal', getPrincipal, request, context)
      : this.ask('getPrincipal', transport.principalOf, request, context);
    // Passport's optional authentication leaves `user = false`: nobody.
    return found === false || found === null || found === '' ? undefined : found;
  }

  private describe(
    transport: By,
    request: any,
    principal: any,
    address: string | undefined,
    context?: ExecutionContext,
  ): Caller {
    const ip = this.ipOf(transport, request, address, context);
    if (principal === undefined) return callerOf(transport.name, request, undefined, ANONYMOUS, ip);
    return callerOf(transport.name, request, principal, this.identify(principal, request), ip);
  }

  private identify(principal: any, request: any): Identified {
    const mayBeKnown = this.isOwnWork && typeof principal === 'object';
    const known = mayBeKnown ? this.identified.get(principal as object) : undefined;
    if (known !== undefined) return known;
    const { options } = this;
    const found: unknown = options.getClaims
      ? this.ask('getClaims', options.getClaims, principal, request)
      : claimsOf(principal);
    const claims = isObject(found) ? found : undefined;
    const verdict = claims && this.verdictOn(claims);
    const kind = this.kindOf(principal, verdict);
    const clientId = text(
      options.getClientId
        ? this.ask('getClientId', options.getClientId, principal, found as JwtClaims | undefined)
        : (own(principal, 'clientId', principal.clientId) ?? verdict?.clientId),
    );
    const subject = text(subjectOf(found));
    const userId = kind === 'm2m' ? undefined : this.userIdOf(principal, found as JwtClaims | undefined);
    const identified = { claims, kind, subject, userId, clientId };
    const isFixed = Object.isFrozen(principal) && (claims === undefined || Object.isFrozen(claims));
    if (mayBeKnown && isFixed) this.identified.set(principal as object, identified);
    return identified;
  }

  private verdictOn(claims: JwtClaims): ClaimsVerdict {
    const known = this.verdicts.get(claims);
    if (known !== undefined) return known;
    const verdict = this.classifier.classify(claims);
    if (Object.isFrozen(claims)) this.verdicts.set(claims, verdict);
    return verdict;
  }

  private kindOf(principal: any, verdict: ClaimsVerdict | undefined): CallerKind {
    if (this.options.getKind) {
      const kind = this.ask('getKind', this.options.getKind, principal);
      if (kind === 'human' || kind === 'm2m' || kind === 'unknown' || kind === 'anonymous') return kind;
    }
    // Where there are claims they alone decide: an `isM2M: false` beside unknown claims says "not surely a machine", no more.
    if (verdict !== undefined) return verdict.kind;
    const isM2M: unknown = own(principal, 'isM2M', principal.isM2M);
    return typeof isM2M === 'boolean' ? (isM2M ? 'm2m' : 'human') : 'unknown';
  }

  private userIdOf(principal: any, claims: JwtClaims | undefined): string | undefined {
    const { getUserId } = this.options;
    if (getUserId) return text(this.ask('getUserId', getUserId, principal, claims));
    if (typeof principal === 'string') return text(principal);
    const { id, userId } = principal;
    return text(own(principal, 'id', id)) ?? text(own(principal, 'userId', userId)) ?? text(subjectOf(claims));
  }

  private ipOf(
    transport: By,
    request: any,
    address: string | undefined,
    context?: ExecutionContext,
  ): string | undefined {
    const { getIp } = this.options;
    const found: unknown = getIp
      ? this.ask('getIp', getIp, request)
      : (address ?? transport.addressOf(request, context));
    return typeof found === 'string' && found !== '' ? normalizeIp(found) : undefined;
  }

  private ask<A extends unknown[], R>(hook: string, call: (...args: A) => R, ...args: A): R | undefined {
    try {
      return call(...args);
    } catch (error) {
      if (!this.reportedHooks.has(hook)) {
        this.reportedHooks.add(hook);
        this.report(hook, error);
      }
      return undefined;
    }
  }
}

/** Claims under one of the names in use, or the principal itself if it looks like claims. */
function claimsOf(principal: any): JwtClaims | undefined {
  const claims: unknown = own(principal, 'claims', principal.claims);
  if (isObject(claims)) return claims;
  const payload: unknown = own(principal, 'payload', principal.payload);
  if (isObject(payload)) return payload;
  return looksLikeClaims(principal) ? principal : undefined;
}

function subjectOf(claims: unknown): unknown {
  return isObject(claims) ? own(claims, 'sub', claims['sub']) : undefined;
}

function looksLikeClaims(principal: unknown): principal is JwtClaims {
  if (!isObject(principal)) return false;
  const { sub, iss, client_id: clientId, token_use: tokenUse } = principal;
  return (
    typeof own(principal, 'sub', sub) === 'string' ||
    typeof own(principal, 'iss', iss) === 'string' ||
    typeof own(principal, 'client_id', clientId) === 'string' ||
    typeof own(principal, 'token_use', tokenUse) === 'string'
  );
}

function isObject(value: unknown): value is JwtClaims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What was read under this name, if it is the holder's own: a name on `Object.prototype` is nobody's identity. Getters of a
 * class instance count as its own. Read by the caller, because a read by a constant name costs a fraction of one by any name.
 */
function own<T>(holder: object, name: string, found: T): T | undefined {
  return found === undefined || Object.hasOwn(holder, name) || !(name in Object.prototype) ? found : undefined;
}

/** An identifier as text: numbers are ids too, empty text is none. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
  return undefined;
}

/** What a principal says of whoever it stands for. */
type Identified = Pick<Caller, 'claims' | 'kind' | 'subject' | 'userId' | 'clientId'>;

const ANONYMOUS: Identified = {
  claims: undefined,
  kind: 'anonymous',
  subject: undefined,
  userId: undefined,
  clientId: undefined,
};

/** One shape for every caller, so that the engine sees one kind of object. */
function callerOf(
  transport: Transport,
  request: unknown,
  principal: unknown,
  { claims, kind, subject, userId, clientId }: Identified,
  ip: string | undefined,
): Caller {
  return { transport, request, principal, claims, kind, subject, userId, clientId, ip };
}
