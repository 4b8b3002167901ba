import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { HttpServer } from '@nestjs/common';
import { Arrivals } from './arrivals.js';
import { HttpServers, requestBeingRead } from './http-servers.js';
import { findRecord, forgetRecord, openRecord, RequestRecord } from './record.js';
import { observeInject } from './inject.js';
import { observeThrown } from './thrown.js';

/* oxlint-disable typescript/no-explicit-any -- the two frameworks' instances share no type */

export interface HttpEntranceListener {
  /**
   * Asked before everything else of the application: body parsers, middleware, guards. Answers with the exception to
   * throw, if the request must go no further.
   */
  admit?(record: RequestRecord): unknown;
  /** Told exactly once for each request, when its response has left or its connection has gone. */
  ended(record: RequestRecord, statusCode: number, aborted: boolean): void;
}

/**
 * Where HTTP requests come in, below Nest: every request has its record from here on, also those that never reach a
 * route or a guard (404, malformed JSON, a bad URL, no HTTP at all), and its end is told once.
 *
 * Two sources, because neither sees all: the servers see what a real socket brings, even what the framework or Node
 * refuses before the first hook; the framework's first hook sees what comes without a socket (`inject`, serverless
 * adapters).
 */
export class HttpEntrance {
  private readonly release: (() => void)[] = [];
  private readonly arrivals = new Arrivals();

  constructor(
    private readonly adapter: HttpServer,
    private readonly listener: HttpEntranceListener,
  ) {
    const servers = new HttpServers({
      isOurs: (server) => this.isOurs(server),
      arrived: (request, response, isQueued) => this.onArrival(request, response, isQueued),
      unreadable: (socket, code, statusCode) => this.onUnreadable(socket, code, statusCode),
    });
    this.release.push(observeThrown(), () => servers.close());
    if (adapter.getType() === 'fastify') this.hookIntoFastify(adapter.getInstance());
    else this.hookIntoExpress(adapter);
  }

  close(): void {
    for (const release of this.release.splice(0)) release();
  }

  private onArrival(request: IncomingMessage, response: ServerResponse, isQueued: boolean): void {
    if (findRecord(request) !== undefined) return;
    const record = openRecord(request, request, response);
    const { socket } = request;
    record.headers = request.headers;
    // Of HTTP/2 the connection cannot be asked once it has gone.
    if (request.httpVersionMajor === 2) record.address = socket.remoteAddress;
    // Told once as it is; `once` would make one function more for each request, and take it off again.
    response.on('close', () => this.end(record, response, isCut(response, socket)));
    if (isQueued) {
      // Its response has no connection before its turn has come, and then hears of no end.
      const onClose = (): void => this.end(record, response, true);
      socket.once('close', onClose);
      response.once('close', () => socket.off('close', onClose));
    }
  }

  private onUnreadable(socket: Socket, code: string, statusCode: number): void {
    const request = requestBeingRead(socket);
    const broken = request && findRecord(request);
    // The client went away within its request, or part of an answer has left already: that ends as one that was aborted.
    if (broken && (broken.ended || code === 'HPE_INVALID_EOF_STATE' || rawResponseOf(broken).headersSent)) return;
    const record = broken ?? new RequestRecord({ socket, headers: {} }, undefined, performance.now());
    record.exception = { message: code };
    record.thrown = true;
    record.ended = true;
    this.listener.ended(record, statusCode, false);
  }

  private hookIntoExpress(adapter: HttpServer): void {
    const { settings } = adapter.getInstance();
    adapter.use((request: any, response: any, next: (error?: unknown) => void) => {
      const record = findRecord(request) ?? this.openWithoutSocket(request, response);
      // No proxy is trusted: `request.ip` would say the same, and take longer than all else that is asked of the request.
      if (settings?.['trust proxy'] === false) record.address ??= request.socket?.remoteAddress;
      this.ask(record, next);
    });
  }

  private hookIntoFastify(instance: any): void {
    instance.addHook('onRequest', (request: any, reply: any, done: (error?: unknown) => void) => {
      const record = findRecord(request.raw) ?? this.openWithoutSocket(request.raw, reply.raw);
      record.request = request;
      if (record.address !== undefined) record.address = request.ip;
      this.ask(record, done);
    });
    const onAnswer = (request: IncomingMessage, response: ServerResponse): void => {
      this.end(findRecord(request) ?? openRecord(request, request, response), response, false);
    };
    this.release.push(observeInject(instance, onAnswer));
  }

  private ask(record: RequestRecord, next: (error?: unknown) => void): void {
    const refused = this.listener.admit?.(record);
    if (refused instanceof Promise) refused.then((error) => next(error ?? undefined), next);
    else if (refused !== undefined) next(refused);
    // What brings a request without a socket may push its body at once.
    else if (record.headers === undefined) next();
    else this.arrivals.add(next);
  }

  private openWithoutSocket(request: IncomingMessage, response: ServerResponse): RequestRecord {
    const record = openRecord(request, request, response);
    // What stands in for a response there need not close, but it finishes; and there is no connection to be cut.
    response.once('finish', () => this.end(record, response, false));
    response.once('close', () => this.end(record, response, !response.writableEnded));
    return record;
  }

  private end(record: RequestRecord, response: ServerResponse, aborted: boolean): void {
    if (record.ended) return;
    record.ended = true;
    this.listener.ended(record, response.statusCode, aborted);
    forgetRecord(record);
  }

  private isOurs(server: Server): boolean {
    return server === this.adapter.getHttpServer() || this.isSecondServer(server);
  }

  /** Told to listen on `localhost`, Fastify opens a second server for the other address family. */
  private isSecondServer(server: Server): boolean {
    if (this.adapter.getType() !== 'fastify') return false;
    const own = server.address();
    if (own === null || typeof own === 'string') return false;
    const known: { address: string; port: number }[] = this.adapter.getInstance().addresses();
    return known.some(({ address, port }) => address === own.address && port === own.port);
  }
}

/** Whether the connection, or the stream of HTTP/2, went before the response was complete. */
function isCut(response: ServerResponse, socket: Socket): boolean {
  if (!(response instanceof ServerResponse)) {
    const { writableEnded, stream } = response as { writableEnded: boolean; stream?: { aborted: boolean } };
    return !writableEnded || stream?.aborted === true;
  }
  // What was written to a connection that had failed before counts as finished, and never left.
  return !response.writableFinished || (socket.errored ?? null) !== null;
}

function rawResponseOf(record: RequestRecord): { readonly headersSent: boolean } {
  return ((record.response as any)?.raw ?? record.response) as { readonly headersSent: boolean };
}
