import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { findRecord, openRecord, type RequestRecord } from './record.js';
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

const REQUEST_START = 'http.server.request.start';

/**
 * Where HTTP requests come in, below Nest: every request has its record from here on, also those that never reach a
 * route or a guard (404, malformed JSON, a bad URL), and its end is told once.
 *
 * Two sources, because neither sees all: Node's own channel sees what a real socket brings, even what the framework
 * refuses before its first hook; the framework's first hook sees what comes without a socket (`inject`, serverless
 * adapters) or through HTTP/2.
 */
export class HttpEntrance {
  private readonly release: (() => void)[] = [];
  private readonly ours = new WeakMap<Server, boolean>();

  constructor(
    private readonly adapter: HttpServer,
    private readonly listener: HttpEntranceListener,
  ) {
    this.release.push(observeThrown());
    const onStart = (message: unknown) => this.onSocketRequest(message as RequestStart);
    subscribe(REQUEST_START, onStart);
    this.release.push(() => unsubscribe(REQUEST_START, onStart));
    if (adapter.getType() === 'fastify') this.hookIntoFastify(adapter.getInstance());
    else this.hookIntoExpress(adapter);
  }

  close(): void {
    for (const release of this.release.splice(0)) release();
  }

  private onSocketRequest({ request, response, server }: RequestStart): void {
    if (!this.isOurs(server) || findRecord(request) !== undefined) return;
    this.watch(openRecord(request, request, response), response);
  }

  private hookIntoExpress(adapter: HttpServer): void {
    adapter.use((request: any, response: any, next: (error?: unknown) => void) => {
      const record = findRecord(request) ?? this.openWithoutSocket(request, response);
      this.ask(record, next);
    });
  }

  private hookIntoFastify(instance: any): void {
    instance.addHook('onRequest', (request: any, reply: any, done: (error?: unknown) => void) => {
      const record = findRecord(request.raw) ?? this.openWithoutSocket(request.raw, reply.raw);
      record.request = request;
      this.ask(record, done);
    });
  }

  private ask(record: RequestRecord, next: (error?: unknown) => void): void {
    const refused = this.listener.admit?.(record);
    if (refused instanceof Promise) refused.then((error) => next(error ?? undefined), next);
    else if (refused === undefined) next();
    else next(refused);
  }

  private openWithoutSocket(request: IncomingMessage, response: ServerResponse): RequestRecord {
    const record = openRecord(request, request, response);
    this.watch(record, response);
    // What stands in for a response there need not close, but it finishes; so does an HTTP/2 stream that was reset.
    response.once('finish', () => this.end(record, response, !response.writableEnded));
    return record;
  }

  private watch(record: RequestRecord, response: ServerResponse): void {
    response.once('close', () => this.end(record, response, !response.writableEnded || !response.writableFinished));
  }

  private end(record: RequestRecord, response: ServerResponse, aborted: boolean): void {
    if (record.ended) return;
    record.ended = true;
    this.listener.ended(record, response.statusCode, aborted);
  }

  private isOurs(server: Server): boolean {
    if (server === this.adapter.getHttpServer()) return true;
    let ours = this.ours.get(server);
    if (ours === undefined) this.ours.set(server, (ours = this.isSecondServer(server)));
    return ours;
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

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}
