import type { Refusal } from '../../refusal/refusal.js';

/* oxlint-disable typescript/no-explicit-any -- grpc-js's types need not be there */

/** As much of grpc-js's `Metadata` as is asked here. */
interface Metadata {
  set(key: string, value: string): void;
  toHttp2Headers(): unknown;
}

/** The codes of gRPC for what HTTP says with a status: https://grpc.io/docs/guides/status-codes/ */
const CODES: ReadonlyMap<number, number> = new Map([
  [401, 16],
  [403, 7],
  [429, 8],
  [503, 14],
]);
const UNKNOWN = 2;

/** What HTTP says for a code of gRPC, of those that we know. */
export function httpStatusOf(code: unknown): number | undefined {
  for (const [status, known] of CODES) if (known === code) return status;
  return undefined;
}

/** The metadata that a client sent along: the second argument of a call, or a part of the stream that is handed through whole. */
export function metadataOf([first, second]: readonly any[]): Metadata | undefined {
  return [second, first?.metadata].find((found) => typeof found?.toHttp2Headers === 'function') as Metadata | undefined;
}

/** The refusal as grpc-js sends it: `code` and `message`, and `metadata` as trailers. */
export function statusOf(refusal: Refusal, received: Metadata): object {
  const metadata = new (received.constructor as new () => Metadata)();
  metadata.set('code', refusal.code);
  if (refusal.retryAfterSeconds !== undefined) metadata.set('retry-after', String(refusal.retryAfterSeconds));
  return { code: CODES.get(refusal.statusCode) ?? UNKNOWN, message: refusal.message, metadata };
}

/** The address of whoever calls; `undefined` of a call that is none of gRPC's. */
export function peerOf([first, , third]: readonly any[]): string | undefined {
  const call = third ?? first;
  return typeof call?.getPeer === 'function' ? withoutPort(String(call.getPeer())) : undefined;
}

/** `10.0.0.1:50051`, `[::1]:50051` or, as grpc-js writes it, `::1:50051`. */
function withoutPort(peer: string): string | undefined {
  const end = peer.lastIndexOf(':');
  const host = end < 0 ? '' : peer.slice(0, end).replaceAll(/^\[|\]$/g, '');
  return host === '' ? undefined : host;
}
