import type { RequestRecord } from '../request/record.js';

/**
 * What happened, told once. Audit and metrics listen; so may an application, through {@link AuthEvents} or
 * `node:diagnostics_channel` under the name `nestjs-auth-services`.
 */
export type AuthEvent =
  | TokenValidated
  | TokenRefused
  | RateLimitDecided
  | RequestEnded
  | AuditWritten
  | AuditDropped
  | StoreStateChanged
  | RateLimitOverflowed;

/** A bearer token was verified by our own guard. */
export interface TokenValidated {
  readonly type: 'token.validated';
  readonly durationMs: number;
}

/** A bearer token was refused by our own guard. `category` is one of the list in API.md; `missing` is no failed validation. */
export interface TokenRefused {
  readonly type: 'token.refused';
  readonly category: string;
  readonly durationMs: number;
}

/** The limiter answered one question; of several policies asked at once, one event each. */
export interface RateLimitDecided {
  readonly type: 'rate_limit.decided';
  readonly policy: string;
  readonly allowed: boolean;
  /** The identity that was counted, with its kind in front: `user:…`, `client:…`, `ip:…` or `key:…`. Never a metric label. */
  readonly identity: string;
  readonly source: string;
  /** The policy is in shadow: a denial was reported and not enforced. */
  readonly shadow: boolean;
}

/** A request, message or call is over, however it went. Exactly one for each. */
export interface RequestEnded {
  readonly type: 'request.ended';
  readonly record: RequestRecord;
  /** The status that was sent, or would have been; absent where the transport has none. */
  readonly statusCode: number | undefined;
  /** The client or the connection went away before the response was complete. */
  readonly aborted: boolean;
  readonly durationMs: number;
}

/** Audit events reached a sink. */
export interface AuditWritten {
  readonly type: 'audit.written';
  readonly count: number;
}

/** Audit events were lost, for the reason given. */
export interface AuditDropped {
  readonly type: 'audit.dropped';
  readonly count: number;
  readonly reason: string;
}

/** The store of the counts changed its state: one event for each change. */
export interface StoreStateChanged {
  readonly type: 'store.state';
  readonly state: 'up' | 'down';
  readonly reason: string | undefined;
}

/** The memory storage is full of callers that may not be forgotten, and a new one was counted in the bucket that such share. */
export interface RateLimitOverflowed {
  readonly type: 'rate_limit.overflow';
}
