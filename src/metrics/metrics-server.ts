import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boolean, callable, number, shape, string } from '../options/check.js';
import { MetricsAccess, type MetricsAccessVerdict } from './metrics-access.js';
import { metricsResponse } from './metrics-response.js';
import type { MetricsSource } from './metrics-source.js';
import { checkMetricsEndpoint, checkReaderToken, type MetricsOptions } from './metrics.options.js';

/** Where the metrics listen, and who may read them there. */
export interface MetricsServerOptions extends Pick<MetricsOptions, 'token' | 'authorize' | 'allowAnonymous'> {
  /** 0 to 65535; 0: any that is free. */
  port: number;
  /** The address to listen on. One that others can reach needs `token`, `authorize` or `allowAnonymous`. @default '127.0.0.1' */
  host?: string | undefined;
  /** @default 'metrics' */
  path?: string | undefined;
}

/** A page that `serveMetrics` serves. */
export interface MetricsServer {
  /** The port it listens on. */
  readonly port: number;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

const checkPort = number({ integer: true, min: 0, max: 65_535 });

const checkServerOptions = shape<MetricsServerOptions>({
  port: checkPort,
  host: string,
  path: string,
  token: checkReaderToken,
  authorize: callable,
  allowAnonymous: boolean,
});

/**
 * Serves the metrics on a port of their own, which the outside never reaches, instead of beside the application's
 * routes. It does not keep the process alive.
 *
 * @param source The collector of this process, or {@link SharedMetrics} of all processes of this machine.
 * @throws OptionsError if an option is wrong, or if others could reach the port and nobody has been allowed to read it.
 * @example
 * ```ts
 * const server = await serveMetrics(app.get(MetricsCollector), { port: 9464, host: '0.0.0.0', allowAnonymous: true });
 * ```
 */
export async function serveMetrics(source: MetricsSource, options: MetricsServerOptions): Promise<MetricsServer> {
  checkServerOptions(options, 'serveMetrics');
  checkPort(options.port, 'serveMetrics.port');
  const { host = '127.0.0.1' } = options;
  const path = `/${(options.path ?? 'metrics').replace(/^\/+/, '')}`;
  const isPrivate = isLoopback(host);
  if (!isPrivate) checkMetricsEndpoint(options, `serveMetrics at ${host}:${options.port}`);
  const isGuarded = options.token !== undefined || options.authorize !== undefined;
  const access = new MetricsAccess(isPrivate && !isGuarded ? { allowAnonymous: true } : options);

  const server = createServer((request, response) => {
    void answer(source, access, path, request, response).catch(() => response.destroy());
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => resolve(server.off('error', reject) && undefined));
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

const STATUS_OF: Readonly<Record<MetricsAccessVerdict, number>> = {
  allowed: 200,
  unauthenticated: 401,
  forbidden: 403,
};

async function answer(
  source: MetricsSource,
  access: MetricsAccess,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url?.split('?', 1)[0] !== path) return end(response, 404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, { Allow: 'GET, HEAD' });
  const status = STATUS_OF[await access.check(request)];
  if (status === 401) return end(response, status, { 'WWW-Authenticate': 'Bearer realm="metrics"' });
  if (status === 403) return end(response, status);
  const { headers, body } = metricsResponse(source, request.headers.accept);
  response.writeHead(200, headers).end(body);
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
