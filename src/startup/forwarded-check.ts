import type { IncomingMessage } from 'node:http';
import { rawOf } from '../request/http-message.js';
import type { RequestRecord } from '../request/record.js';

/* oxlint-disable typescript/no-explicit-any -- requests are whatever the framework's own are */

const PAGE = 'See docs/14-rate-limiting-proxies.md.';

/**
 * Looks at the first request that comes with `X-Forwarded-For`, and says once what is wrong if the address that it is
 * counted by is the proxy's own, or whatever the client likes. Nothing is asked of later requests: how a framework is
 * told to trust does not change while it runs.
 */
export function forwardedCheck(warn: (message: string) => void): (record: RequestRecord) => void {
  let hasLooked = false;
  return (record) => {
    if (hasLooked) return;
    const headers = record.headers ?? (rawOf(record.request) as IncomingMessage).headers;
    if (headers['x-forwarded-for'] === undefined) return;
    hasLooked = true;
    const problem = problemWith(record.request);
    if (problem !== undefined) warn(`A request came with X-Forwarded-For, ${problem} ${PAGE}`);
  };
}

function problemWith(request: any): string | undefined {
  const isFastify = request?.raw !== undefined;
  const setting: unknown = isFastify ? fastifyTrust(request) : request?.app?.get?.('trust proxy');
  const option = isFastify ? 'trustProxy' : "'trust proxy'";
  if (setting === true) {
    return `and ${option} is true: whoever sends the header chooses the address they are counted by. Name the proxies' addresses instead.`;
  }
  // Up to 5.11 it does what it says; from 5.12 on the address stays that of the connection.
  if (isFastify && typeof setting === 'number' && request.ip === request.socket?.remoteAddress) {
    return `and trustProxy is a number of hops, which this Fastify ignores: everybody behind the proxy is counted as one. Name the proxies' addresses instead.`;
  }
  if (setting === undefined || setting === false) {
    return `and ${option} is not set: if a proxy of yours sent it, everybody behind that proxy is counted as one. Name the proxies' addresses.`;
  }
  return undefined;
}

/** Fastify keeps what it was told under a symbol of its own; where that is gone, nothing is known and nothing said. */
function fastifyTrust(request: any): unknown {
  const server: object = request.server ?? {};
  const symbol = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'fastify.options');
  if (symbol === undefined) return 'unknown';
  return (server as Record<symbol, { trustProxy?: unknown } | undefined>)[symbol]?.trustProxy;
}
