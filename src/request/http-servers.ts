import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';

/** What only a server, or a connection of its own, tells. */
export interface HttpServersListener {
  isOurs(server: Server): boolean;
  /** A request arrived, before any hook of a framework. May be told twice of one, through HTTP/2. */
  arrived(request: IncomingMessage, response: ServerResponse, isQueued: boolean): void;
  /** What a connection brought could not be read as HTTP, or did not come in time. Told once; the code is Node's. */
  unreadable(socket: Socket, code: string, statusCode: number): void;
}

const REQUEST_START = 'http.server.request.start';
const CONNECTION = 'net.server.socket';

/**
 * Listens to the servers of one application, as they are found: Fastify opens a second one for `localhost`.
 *
 * - Requests over HTTP/1 are told by Node's own channel, also those that Node answers itself (no `Host`, an `Expect` it
 *   does not know). HTTP/2 has no such channel: there the server's own event tells.
 * - What is no HTTP never becomes a request. Node answers it itself (400, 408, 413, 431) as long as nobody listens for
 *   `clientError`; so we listen only where somebody else does (as Fastify does), and otherwise look at the error
 *   with which Node closes the connection. Its reply stays Node's own.
 */
export class HttpServers {
  private readonly known = new WeakMap<Server, boolean>();
  private readonly told = new WeakSet<Socket>();
  private readonly release: (() => void)[] = [];

  constructor(private readonly listener: HttpServersListener) {
    this.listen(CONNECTION, ({ socket }: { socket: Socket & { server?: Server } }) => this.onConnection(socket));
    this.listen(REQUEST_START, (message: RequestStart) => this.onRequestStart(message));
  }

  close(): void {
    for (const release of this.release.splice(0)) release();
  }

  private listen(name: string, listener: (message: never) => void): void {
    const onMessage = (message: unknown): void => listener(message as never);
    subscribe(name, onMessage);
    this.release.push(() => unsubscribe(name, onMessage));
  }

  /** Told of each connection, after the server's own listeners: what has to be heard of the first is attached here. */
  private onConnection(socket: Socket & { server?: Server }): void {
    const { server } = socket;
    if (server === undefined || this.known.has(server)) return;
    if (this.knows(server) && server instanceof HttpServer) this.watch(socket);
  }

  private onRequestStart({ request, response, socket, server }: RequestStart): void {
    if (this.knows(server)) this.listener.arrived(request, response, isBusy(socket));
  }

  private knows(server: Server): boolean {
    let ours = this.known.get(server);
    if (ours === undefined) {
      ours = this.listener.isOurs(server);
      this.known.set(server, ours);
      if (ours) this.attach(server);
    }
    return ours;
  }

  private attach(server: Server): void {
    if (!(server instanceof HttpServer || server instanceof HttpsServer)) {
      this.on(server, 'request', (request, response) => this.listener.arrived(request, response, false), true);
    }
    const onClientError = (error: Error, socket: Socket): void => this.onError(socket, error);
    const follow = (event: unknown): void => {
      if (event !== 'clientError') return;
      const others = server.listeners('clientError').filter((listener) => listener !== onClientError).length;
      const isListening = others < server.listenerCount('clientError');
      if (others > 0 && !isListening) server.on('clientError', onClientError);
      else if (others === 0 && isListening) server.off('clientError', onClientError);
    };
    // Told before the listener is there; after it has gone.
    this.on(server, 'newListener', (event) => void (event === 'clientError' && queueMicrotask(() => follow(event))));
    this.on(server, 'removeListener', follow);
    this.on(server, server instanceof HttpServer ? 'connection' : 'secureConnection', (socket) => this.watch(socket));
    follow('clientError');
    this.release.push(() => server.off('clientError', onClientError));
  }

  /* oxlint-disable-next-line typescript/no-explicit-any -- each event has arguments of its own */
  private on(server: Server, event: string, listener: (...args: any[]) => void, first = false): void {
    if (first) server.prependListener(event, listener);
    else server.on(event, listener);
    this.release.unshift(() => server.off(event, listener));
  }

  private watch(socket: Socket): void {
    // Node remembers it once it was asked; a connection that has gone cannot be asked any more.
    void socket.remoteAddress;
    socket.on('error', (error) => this.onError(socket, error));
  }

  private onError(socket: Socket, { code = '' }: NodeJS.ErrnoException): void {
    const statusCode = statusOf(code);
    if (statusCode === undefined || this.told.has(socket)) return;
    this.told.add(socket);
    this.listener.unreadable(socket, code, statusCode);
  }
}

/** The request of this connection whose body is still being read, if there is one. */
export function requestBeingRead(socket: Socket): IncomingMessage | undefined {
  const { parser } = socket as Socket & { parser?: { incoming?: IncomingMessage | null } | null };
  const incoming = parser?.incoming;
  return incoming && !incoming.complete ? incoming : undefined;
}

/** Whether another response has the connection: a pipelined one behind it waits, and never hears of the end of the connection. */
function isBusy(socket: Socket): boolean {
  return ((socket as { _httpMessage?: unknown })._httpMessage ?? undefined) !== undefined;
}

/** What Node answers to an error of its parser; a connection that was merely reset has asked nothing. */
function statusOf(code: string): number | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return code.startsWith('HPE_') ? 400 : undefined;
}

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
}
