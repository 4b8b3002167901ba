// Every way a request can end that the tests of capture go through, on both adapters.
import { connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import {
  BadRequestException,
  Body,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Injectable,
  InternalServerErrorException,
  Param,
  ParseIntPipe,
  Post,
  Redirect,
  Res,
  Sse,
  StreamableFile,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
} from '@nestjs/common';
import { concat, EMPTY, NEVER, of, throwError } from 'rxjs';
import type { Adapter, RunningApp } from './app.js';

@Injectable()
class Refuses implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException();
  }
}
@Injectable()
class SaysNo implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}
@Injectable()
class Breaks implements CanActivate {
  canActivate(): boolean {
    throw new TypeError('the role store is away');
  }
}

@Controller('o')
export class OutcomesController {
  @Get('ok') ok() {
    return { ok: true };
  }
  @Get('text') text() {
    return 'text';
  }
  @Post('created') created(@Body() body: unknown) {
    return { got: body };
  }
  @Get('empty') @HttpCode(204) empty(): void {}
  @Get('away') @Redirect('/o/ok', 302) away(): void {}
  @Get('number/:id') number(@Param('id', ParseIntPipe) id: number) {
    return { id };
  }
  @Get('unauthorized') @UseGuards(Refuses) unauthorized(): void {}
  @Get('forbidden') @UseGuards(SaysNo) forbidden(): void {}
  @Get('guard-breaks') @UseGuards(Breaks) guardBreaks(): void {}
  @Get('handler-forbids') handlerForbids(): void {
    throw new ForbiddenException('not on sundays');
  }
  @Get('bad') bad(): void {
    throw new BadRequestException();
  }
  @Get('http-500') http500(): void {
    throw new InternalServerErrorException();
  }
  @Get('throws') throws(): void {
    throw new RangeError('out of range');
  }
  @Get('throws-text') throwsText(): void {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- applications do
    throw 'a bare string';
  }
  @Get('rejects') async rejects(): Promise<void> {
    await Promise.reject(new Error('rejected'));
  }
  @Get('values') values() {
    return of(1, 2, 3);
  }
  @Get('no-values') noValues() {
    return EMPTY;
  }
  @Sse('sse') sse() {
    return of({ data: '1' }, { data: '2' }, { data: '3' });
  }
  @Sse('sse-fails') sseFails() {
    return concat(
      of({ data: '1' }),
      throwError(() => new Error('midway')),
    );
  }
  @Sse('sse-endless') sseEndless() {
    return concat(of({ data: '1' }), NEVER);
  }
  @Get('file') @Header('content-type', 'text/plain') file() {
    return new StreamableFile(Readable.from(['one', 'two']));
  }
  @Get('hangs') async hangs(): Promise<void> {
    await new Promise(() => undefined);
  }
  @Get('half') half() {
    const stream = new PassThrough();
    stream.write('x'.repeat(1000));
    return new StreamableFile(stream);
  }
  @Get('manual') manual(@Res() response: { status(code: number): { send(body: unknown): void } }) {
    response.status(202).send({ by: 'hand' });
  }
}

export interface Outcome {
  readonly name: string;
  readonly path: string;
  readonly statusCode: number | Readonly<Record<Adapter, number>>;
  readonly eventType: string;
  readonly reason?: string | RegExp;
  readonly aborted?: boolean;
  readonly init?: RequestInit & { readonly raw?: string };
}

const json = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});

/** Those that go through an ordinary client and end by themselves. */
export const OUTCOMES: readonly Outcome[] = [
  { name: '200', path: '/o/ok', statusCode: 200, eventType: 'request_success' },
  { name: '200 with a query', path: '/o/ok?secret=1', statusCode: 200, eventType: 'request_success' },
  { name: '201', path: '/o/created', statusCode: 201, eventType: 'request_success', init: json('{"a":1}') },
  { name: '204', path: '/o/empty', statusCode: 204, eventType: 'request_success' },
  { name: '302', path: '/o/away', statusCode: 302, eventType: 'request_success', init: { redirect: 'manual' } },
  { name: 'HEAD', path: '/o/ok', statusCode: 200, eventType: 'request_success', init: { method: 'HEAD' } },
  { name: '400 of a pipe', path: '/o/number/x', statusCode: 400, eventType: 'request_error' },
  { name: '400 of a handler', path: '/o/bad', statusCode: 400, eventType: 'request_error' },
  { name: '401 of a guard', path: '/o/unauthorized', statusCode: 401, eventType: 'auth_failure', reason: /./ },
  {
    name: '403 of a guard',
    path: '/o/forbidden',
    statusCode: 403,
    eventType: 'access_denied',
    reason: 'Forbidden resource',
  },
  {
    name: '403 of a handler',
    path: '/o/handler-forbids',
    statusCode: 403,
    eventType: 'access_denied',
    reason: 'not on sundays',
  },
  { name: '404 of no route', path: '/nowhere', statusCode: 404, eventType: 'request_error' },
  {
    name: 'OPTIONS of no route',
    path: '/nowhere',
    statusCode: 404,
    eventType: 'request_error',
    init: { method: 'OPTIONS' },
  },
  { name: '500 of an HttpException', path: '/o/http-500', statusCode: 500, eventType: 'request_error' },
  {
    name: '500 of an error thrown',
    path: '/o/throws',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /RangeError.*out of range/,
  },
  {
    name: '500 of a text thrown',
    path: '/o/throws-text',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /a bare string/,
  },
  {
    name: '500 of a rejection',
    path: '/o/rejects',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /rejected/,
  },
  {
    name: '500 of a guard that breaks',
    path: '/o/guard-breaks',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /TypeError.*role store/,
  },
  { name: 'malformed JSON', path: '/o/created', statusCode: 400, eventType: 'request_error', init: json('{"a":') },
  {
    name: 'too large a body',
    path: '/o/created',
    statusCode: 413,
    eventType: 'request_error',
    init: json(JSON.stringify('x'.repeat(2_000_000))),
  },
  { name: 'a bad URL', path: '/o/number/%E0%A4%A', statusCode: 400, eventType: 'request_error' },
  { name: 'many values', path: '/o/values', statusCode: 200, eventType: 'request_success' },
  { name: 'no values', path: '/o/no-values', statusCode: 500, eventType: 'request_exception', reason: /EmptyError/ },
  { name: 'server-sent events', path: '/o/sse', statusCode: 200, eventType: 'request_success' },
  { name: 'a stream', path: '/o/file', statusCode: 200, eventType: 'request_success' },
  { name: '@Res()', path: '/o/manual', statusCode: 202, eventType: 'request_success' },
];

/** Those in which the client goes away: after the headers where the handler answers, before them where it hangs. */
export const ABORTED: readonly { readonly name: string; readonly path: string }[] = [
  { name: 'a handler that has not answered', path: '/o/hangs' },
  { name: 'a stream half sent', path: '/o/half' },
  { name: 'server-sent events that never end', path: '/o/sse-endless' },
];

export const statusFor = (outcome: Outcome, adapter: Adapter): number =>
  typeof outcome.statusCode === 'number' ? outcome.statusCode : outcome.statusCode[adapter];

/** Asks over a socket of its own, byte for byte, and goes away once `enough` says so; resolves when the socket is closed. */
export function askAndLeave(
  app: RunningApp,
  path: string,
  enough: (received: string) => boolean,
  asked: () => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: leaving\r\n\r\n`, asked);
      if (enough('')) socket.end();
    });
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      if (enough(received)) socket.destroy();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
