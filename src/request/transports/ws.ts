import { refusalPayload } from '../../refusal/refusal.js';
import { loadException } from './load-exception.js';
import { patternRoute, patternsUnder, patternText } from './pattern.js';
import { recordedUser } from './signed-in.js';
import type { TransportDefinition } from './transport.js';

/** Nest's own key: the package that brings it need not be there. */
const MESSAGE_METADATA = 'message';

/** Messages over WebSockets, by Socket.IO and ws. A client outlives its messages, so that their arguments stand for them. */
export const ws: TransportDefinition<'ws'> = {
  name: 'ws',
  endsWithResponse: false,

  requestOf: (context) => context.getArgByIndex(0),
  keyOf: (context) => context.getArgs(),
  connectionOf: (context) => context.getArgByIndex(0),
  routeOf: (context) => patternRoute(MESSAGE_METADATA, context),

  principalOf(client, context) {
    const recorded = recordedUser(client, context);
    return recorded === undefined ? (client?.data?.user ?? client?.user) : recorded;
  },
  /** Socket.IO has a place for an application's data, other sockets have themselves. */
  userHolderOf(client) {
    const hasPlace = client?.handshake !== undefined && typeof client.data === 'object' && client.data !== null;
    return hasPlace ? client.data : client;
  },
  /** Who opened the connection and with what. The address that was asked for then is not what a message asks for. */
  originOf(client) {
    const { headers, rawHeaders } = client?.handshake ?? client?.upgradeReq ?? {};
    return { headers, rawHeaders, socket: { remoteAddress: addressOf(client) } };
  },
  /** Socket.IO's `auth: { token }`. */
  tokenBeside: (client) => (client?.handshake ?? client?.upgradeReq)?.auth?.token,
  addressOf,

  /** A client gets the event `exception` with this object. */
  async refuse(_context, refusal) {
    const WsException = await loadException('@nestjs/websockets', 'WsException');
    throw new WsException({ status: 'error', ...refusalPayload(refusal) });
  },

  isHandler: (method) => patternsUnder(MESSAGE_METADATA, method).length > 0,
  namesOf: ({ method }) => patternsUnder(MESSAGE_METADATA, method).map((message) => `message ${patternText(message)}`),
};

/* oxlint-disable-next-line typescript/no-explicit-any -- clients are whatever the adapter's own are */
function addressOf(client: any): unknown {
  return client?.handshake?.address ?? client?._socket?.remoteAddress;
}
