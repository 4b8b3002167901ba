import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { JwtClaims } from './claims.js';
import type { Transport } from './transports/index.js';

/** Who is calling: a person, a machine, somebody whose token does not tell, or nobody who has said who they are. */
export type CallerKind = 'human' | 'm2m' | 'unknown' | 'anonymous';

/* oxlint-disable typescript/no-explicit-any -- request and principal are whatever the application's own are */

/** Who is calling, on whatever transport, as far as it is known when you ask. */
export interface Caller<TRequest = any, TPrincipal = any> {
  readonly transport: Transport;
  /** The framework's request (HTTP, GraphQL), the client (WebSockets) or the payload (microservices; never trust it). */
  readonly request: TRequest;
  /** What the application's authentication left: `request.user` unless `identity.getPrincipal` says otherwise. */
  readonly principal?: TPrincipal | undefined;
  readonly claims?: JwtClaims | undefined;
  readonly kind: CallerKind;
  /** `sub`, whoever it is. */
  readonly subject?: string | undefined;
  /** Absent for machines. */
  readonly userId?: string | undefined;
  readonly clientId?: string | undefined;
  /** An IPv4 address mapped into IPv6 is unwrapped; any other IPv6 address is as given. */
  readonly ip?: string | undefined;
}

/** How the caller is found in a request: defaults suit passport and most other guards. */
export interface IdentityOptions {
  /**
   * Where the principal is. Default: what `@nestjs/authentication` has recorded for the call, `request.user`,
   * `request.auth`, `request.cognito_jwt_payload`; `client.data.user`, `client.user` of a WebSocket; `extra.user` of
   * graphql-ws, the GraphQL context's `user`; `user` on Nest's context of a message, never in its payload.
   */
  getPrincipal?: ((request: any, context?: ExecutionContext) => unknown) | undefined;
  /** The verified claims. Default: `principal.claims`, `principal.payload`, or the principal itself if it looks like claims. */
  getClaims?: ((principal: any, request: any) => JwtClaims | undefined) | undefined;
  /** Default: `principal.id`, `principal.userId`, `claims.sub`. Never asked for a machine. */
  getUserId?: ((principal: any, claims?: JwtClaims) => string | undefined) | undefined;
  /** Default: `principal.clientId`, then what the detector finds in the claims. */
  getClientId?: ((principal: any, claims?: JwtClaims) => string | undefined) | undefined;
  /** For principals without claims, such as API keys. Default: `principal.isM2M` if it is a boolean. */
  getKind?: ((principal: any) => CallerKind | undefined) | undefined;
  /** Default: the adapter's `request.ip`, which knows which proxies to trust. */
  getIp?: ((request: any) => string | undefined) | undefined;
  /** IPv6 callers are counted by their network of this many bits, 1 to 128. @default 64 */
  ipv6PrefixLength?: number | undefined;
}

/** Whoever can say who is calling. */
export interface CallerSource {
  of(context: ArgumentsHost): Caller;
}
