// An application whose requests end in every way there is.
import { PassThrough, Readable } from 'node:stream';
import {
  BadRequestException,
  Body,
  Catch,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  HttpException,
  Injectable,
  InternalServerErrorException,
  Module,
  Options,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Redirect,
  Res,
  ServiceUnavailableException,
  Sse,
  StreamableFile,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type MiddlewareConsumer,
  type NestInterceptor,
  type NestModule,
} from '@nestjs/common';
import { concat, EMPTY, NEVER, of, throwError } from 'rxjs';
import { HeaderAuthGuard } from './header-auth.js';

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

@Injectable()
class RefusesLater implements CanActivate {
  async canActivate(): Promise<boolean> {
    await Promise.resolve();
    throw new UnauthorizedException('later');
  }
}
@Injectable()
class Interrupts implements NestInterceptor {
  intercept(): never {
    throw new ServiceUnavailableException('closed for today');
  }
}

/** What both frameworks' responses share, as far as a filter or `@Res()` needs it here. */
interface Answer {
  status(code: number): { send(body: unknown): void };
}

@Catch(RangeError)
class SaysTeapot implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Answer>().status(418).send('short and stout');
  }
}
@Catch(RangeError)
class FilterThrows implements ExceptionFilter {
  catch(): void {
    throw new HttpException('the filter failed as well', 502);
  }
}

@Controller('o')
class OutcomesController {
  @Get('who') @UseGuards(HeaderAuthGuard) who() {
    return 'somebody';
  }
  @Get('who-breaks') @UseGuards(HeaderAuthGuard) whoBreaks(): void {
    throw new RangeError('after the guard');
  }
  @Get('refused-later') @UseGuards(RefusesLater) refusedLater(): void {}
  @Options('options') @HttpCode(204) options(): void {}
  @Get('moved') @Redirect() moved(@Query('to') to: string) {
    return { url: to, statusCode: 307 };
  }
  @Get('teapot') teapot(): void {
    throw new HttpException('short and stout', 418);
  }
  @Get('filtered') @UseFilters(SaysTeapot) filtered(): void {
    throw new RangeError('kept from the caller');
  }
  @Get('filter-throws') @UseFilters(FilterThrows) filterThrows(): void {
    throw new RangeError('the first');
  }
  @Get('interrupted') @UseInterceptors(Interrupts) interrupted(): void {}
  @Get('throws-nothing') throwsNothing(): void {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- applications do
    throw undefined;
  }
  @Get('late-error') lateError() {
    return concat(
      of(1),
      throwError(() => new Error('after a value')),
    );
  }
  @Get('no-file') noFile() {
    return new StreamableFile(
      new Readable({
        read() {
          this.destroy(new Error('ENOENT'));
        },
      }),
    );
  }
  @Get('file-fails') fileFails() {
    let sent = false;
    return new StreamableFile(
      new Readable({
        read() {
          if (!sent) this.push('x'.repeat(1000));
          else setImmediate(() => this.destroy(new Error('the disk went')));
          sent = true;
        },
      }),
    );
  }
  @Get('by-middleware') byMiddleware(): void {}
  @Get('middleware-throws') middlewareThrows(): void {}
  @Get('middleware-next') middlewareNext(): void {}
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
  @Get('manual') manual(@Res() response: Answer) {
    response.status(202).send({ by: 'hand' });
  }
}

/** Nest's middleware gets Node's own response on Fastify. */
interface RawResponse {
  statusCode: number;
  end(body: string): void;
}

@Module({ controllers: [OutcomesController] })
export class OutcomesModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((_request: unknown, response: RawResponse) => {
        response.statusCode = 451;
        response.end('not here');
      })
      .forRoutes('o/by-middleware');
    consumer
      .apply(() => {
        throw new TypeError('middleware broke');
      })
      .forRoutes('o/middleware-throws');
    consumer
      .apply((_request: unknown, _response: unknown, next: (error: unknown) => void) =>
        next(new ForbiddenException('middleware says no')),
      )
      .forRoutes('o/middleware-next');
  }
}
