import type { ExecutionContext } from '@nestjs/common';
import type { Transport } from './caller.js';

/* oxlint-disable typescript/no-explicit-any -- requests and sockets are whatever the framework's own are */

/** Where a call came from, as the transport itself knows it; `undefined` where a broker stands between. */
export function addressOf(transport: Transport, request: any, context: ExecutionContext | undefined): unknown {
  switch (transport) {
    case 'rpc':
      return context && peerOf(context.getArgs());
    case 'ws':
      return request?.handshake?.address ?? request?._socket?.remoteAddress;
    case 'graphql':
      return ofRequest(request) ?? ofRequest(request?.extra?.request);
    default:
      return ofRequest(request);
  }
}

function ofRequest(request: any): unknown {
  return request?.ip ?? request?.socket?.remoteAddress;
}

/** gRPC tells its peer, address and port in one; Nest's TCP context has the socket. */
function peerOf([first, context, grpcCall]: any[]): unknown {
  const call = grpcCall ?? first;
  if (typeof call?.getPeer === 'function') return withoutPort(String(call.getPeer()));
  return typeof context?.getSocketRef === 'function' ? context.getSocketRef()?.netSocket?.remoteAddress : undefined;
}

/** `10.0.0.1:50051`, `[::1]:50051` or, as grpc-js writes it, `::1:50051`. */
function withoutPort(peer: string): string | undefined {
  const end = peer.lastIndexOf(':');
  const host = end < 0 ? '' : peer.slice(0, end).replaceAll(/^\[|\]$/g, '');
  return host === '' ? undefined : host;
}
