import type { ArgumentsHost } from '@nestjs/common';
import type { Refusal } from './refusal.js';

/** What a client that gets no HTTP response receives. */
export function refusalPayload({ code, message, retryAfterSeconds }: Refusal): Record<string, unknown> {
  return { code, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** A WebSocket gets the event `exception` with this object. */
export async function throwWs(refusal: Refusal): Promise<never> {
  const { WsException } = await load<{ WsException: Thrown }>('@nestjs/websockets');
  throw new WsException({ status: 'error', ...refusalPayload(refusal) });
}

/** A microservice's client gets this object as its error; a gRPC client a status of its own, with the code in the metadata. */
export async function throwRpc(context: ArgumentsHost, refusal: Refusal): Promise<never> {
  const { RpcException } = await load<{ RpcException: Thrown }>('@nestjs/microservices');
  const metadata = grpcMetadataOf(context);
  if (metadata === undefined) throw new RpcException({ status: 'error', ...refusalPayload(refusal) });
  throw new RpcException(grpcStatus(refusal, new (metadata.constructor as new () => GrpcMetadata)()));
}

type Thrown = new (error: object) => Error;

/** As much of grpc-js's `Metadata` as is asked here. */
interface GrpcMetadata {
  set(key: string, value: string): void;
  toHttp2Headers(): unknown;
}

/** https://grpc.io/docs/guides/status-codes/ */
const GRPC_CODES: Readonly<Record<number, number>> = { 401: 16, 403: 7, 429: 8, 503: 14 };
const GRPC_UNKNOWN = 2;

/** grpc-js reads `code` and `message`, and sends `metadata` as trailers. */
function grpcStatus(refusal: Refusal, metadata: GrpcMetadata): object {
  metadata.set('code', refusal.code);
  if (refusal.retryAfterSeconds !== undefined) metadata.set('retry-after', String(refusal.retryAfterSeconds));
  return { code: GRPC_CODES[refusal.statusCode] ?? GRPC_UNKNOWN, message: refusal.message, metadata };
}

/** What the client sent along: the second argument of a call, or a part of the stream that is handed through whole. */
function grpcMetadataOf(context: ArgumentsHost): GrpcMetadata | undefined {
  const [first, second] = context.getArgs<[{ metadata?: unknown } | undefined, unknown]>();
  for (const found of [second, first?.metadata]) {
    if (typeof (found as GrpcMetadata | undefined)?.toHttp2Headers === 'function') return found as GrpcMetadata;
  }
  return undefined;
}

/** Only ever asked for a transport that is running, whose package is therefore there. A variable keeps it out of our types. */
function load<T>(name: string): Promise<T> {
  return import(name) as Promise<T>;
}
