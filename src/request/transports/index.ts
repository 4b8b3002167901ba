import type { ArgumentsHost } from '@nestjs/common';
import { graphql } from './graphql.js';
import { http } from './http.js';
import { rpc } from './rpc.js';
import type { TransportDefinition } from './transport.js';
import { ws } from './ws.js';

/** The transports, one line each. */
export const TRANSPORTS = [http, graphql, ws, rpc] as const;

/** How a call came in: `http`, `graphql`, `ws`, `rpc`. */
export type Transport = (typeof TRANSPORTS)[number]['name'];

const byName: ReadonlyMap<string, TransportDefinition<Transport>> = new Map(TRANSPORTS.map((one) => [one.name, one]));

/** The transport of this name, if we know it. */
export function transportNamed(name: string | undefined): TransportDefinition<Transport> | undefined {
  return name === undefined ? undefined : byName.get(name);
}

/** The transport that a call came by. One that we do not know hands over messages: nothing in them is believed. */
export function transportOf(context: ArgumentsHost): TransportDefinition<Transport> {
  const name = context.getType<string>();
  return name === 'http' ? http : (transportNamed(name) ?? rpc);
}
