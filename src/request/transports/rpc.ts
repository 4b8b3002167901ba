import { refusalPayload } from '../../refusal/refusal.js';
import { metadataOf, peerOf, statusOf } from './grpc.js';
import { loadException } from './load-exception.js';
import { patternRoute, patternsUnder, patternText } from './pattern.js';
import type { TransportDefinition } from './transport.js';

/** Nest's own key: the package that brings it need not be there. */
const PATTERN_METADATA = 'microservices:pattern';

/**
 * Messages and events of microservices over every transporter, and calls over gRPC. Of a message nothing is known that its
 * sender has not written: a `user` in it is a claim of the sender, not a fact.
 */
export const rpc: TransportDefinition<'rpc'> = {
  name: 'rpc',
  endsWithResponse: false,

  requestOf: (context) => context.getArgByIndex(0),
  keyOf: (context) => context.getArgs(),
  connectionOf: (context) => context.getArgByIndex(1) ?? context.getArgByIndex(0),
  routeOf: (context) => patternRoute(PATTERN_METADATA, context),

  principalOf: (_message, context) => context && leftOn(context.getArgByIndex(1)),
  addressOf: (_message, context) => context && addressOf(context.getArgs()),

  /** A client gets this object as its error; a gRPC client a status of its own, with the code in the metadata. */
  async refuse(context, refusal) {
    const RpcException = await loadException('@nestjs/microservices', 'RpcException');
    const metadata = metadataOf(context.getArgs());
    throw new RpcException(
      metadata === undefined ? { status: 'error', ...refusalPayload(refusal) } : statusOf(refusal, metadata),
    );
  },

  isHandler: (method) => patternsUnder(PATTERN_METADATA, method).length > 0,
  namesOf: ({ method }) => patternsUnder(PATTERN_METADATA, method).map((pattern) => `pattern ${patternText(pattern)}`),
};

/** Nest's word for a stream of gRPC that is handed to its handler as it is: `@GrpcStreamCall()`. */
const PASSED_THROUGH = 'pt_stream';

/** Whether what a guard throws before this handler is dropped by Nest. */
export function isPassedThrough(method: Function): boolean {
  const patterns = patternsUnder(PATTERN_METADATA, method) as readonly { readonly streaming?: unknown }[];
  return patterns.some(({ streaming }) => streaming === PASSED_THROUGH);
}

/* oxlint-disable typescript/no-explicit-any -- the contexts of the transporters share no type */

/** Nest's context of a message (`TcpContext`, gRPC's `Metadata`), where a guard may leave a user. A plain object may have been sent. */
function leftOn(message: any): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(message);
  return prototype === null || prototype === Object.prototype ? undefined : message.user;
}

/** gRPC tells its peer, Nest's TCP context has the socket; a broker tells nothing. */
function addressOf(args: any[]): unknown {
  return peerOf(args) ?? args[1]?.getSocketRef?.()?.netSocket?.remoteAddress;
}
