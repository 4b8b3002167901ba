// Real: @nestjs/swagger, the document that it makes of an application on each framework. Faked: nothing.
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { describe, expect, it } from '@jest/globals';
import { AuthServicesModule, HumanOnly, M2MOnly, RateLimit, SkipRateLimit } from '../../src/index.js';
import { JwtAuthGuard, JwtAuthModule } from '../../src/jwt/index.js';
import { ApiAuthServices } from '../../src/swagger/index.js';
import { ADAPTERS, createApp, type Adapter } from '../support/app.js';

@Controller('method')
class OnMethods {
  @ApiAuthServices() @HumanOnly() @RateLimit() @Get('above') above() {}
  @Get('below') @RateLimit() @HumanOnly() @ApiAuthServices() below() {}
  @ApiAuthServices() @M2MOnly() @Get('machine') machine() {}
  @ApiAuthServices() @RateLimit({ maxRequests: 1, onStoreFailure: 'closed' }) @Get('closed') closed() {}
  @ApiAuthServices({ rateLimited: true, unavailable: false }) @UseGuards(JwtAuthGuard) @Get('said') said() {}
  @ApiAuthServices() @UseGuards(JwtAuthGuard) @Get('jwt') jwt() {}
  @ApiAuthServices() @Get('open') open() {}
  @ApiResponse({ status: 429, description: 'in my words' }) @ApiAuthServices() @RateLimit() @Get('own') own() {}
  @RateLimit() @Get('silent') silent() {}
}
@ApiAuthServices()
@Controller('class')
@RateLimit()
@UseGuards(JwtAuthGuard)
class OnClass {
  @Get('limited') limited() {}
  @SkipRateLimit() @Get('skipped') skipped() {}
  @ApiAuthServices({ authenticated: false }) @Get('own') own() {}
}

async function documentOn(adapter: Adapter): Promise<OpenAPIObject> {
  @Module({
    imports: [
      AuthServicesModule.forRoot({ audit: { logToConsole: false } }),
      JwtAuthModule.forRoot({ issuers: [{ issuer: 'https://issuer.example.com', audience: 'api' }] }),
    ],
    controllers: [OnMethods, OnClass],
  })
  class App {}
  const app = await createApp(adapter, App);
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  await app.close();
  return document;
}

describe.each(ADAPTERS)('@ApiAuthServices on %s', (adapter) => {
  const responses = async () => {
    const { paths } = await documentOn(adapter);
    return (path: string) => {
      const { 200: _success, ...refusals } = paths[path]!.get!.responses as Record<string, any>; // oxlint-disable-line typescript/no-explicit-any
      return refusals;
    };
  };
  it('documents what the decorators say, wherever it stands among them', async () => {
    const of = await responses();
    for (const path of ['/method/above', '/method/below']) {
      expect(Object.keys(of(path))).toEqual(['401', '403', '429']);
      expect(of(path)['403'].content['application/json'].schema.properties.code.enum).toEqual(['human_only']);
    }
    expect(of('/method/machine')['403'].content['application/json'].schema.properties.code.enum).toEqual(['m2m_only']);
    expect(Object.keys(of('/method/open'))).toEqual([]);
    expect(Object.keys(of('/method/silent'))).toEqual([]);
  });

  it('has the headers of each status', async () => {
    const of = await responses();
    const { 401: unauthenticated, 429: limited } = of('/method/above');
    expect(Object.keys(unauthenticated.headers)).toEqual(['WWW-Authenticate']);
    expect(Object.keys(limited.headers)).toEqual([
      'Retry-After',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'RateLimit-Policy',
      'RateLimit',
    ]);
    expect(Object.keys(of('/method/closed')['503'].headers)).toEqual(['Retry-After']);
  });

  it('names the codes that a 503 may have', async () => {
    const of = await responses();
    const codes = (path: string) => of(path)['503'].content['application/json'].schema.properties.code.enum as string[];
    expect(codes('/method/closed')).toEqual(['rate_limit_unavailable']);
    expect(codes('/method/jwt')).toEqual(['keys_unavailable']);
  });

  it('believes what it is told of what no decorator shows', async () => {
    const of = await responses();
    expect(Object.keys(of('/method/said'))).toEqual(['401', '429']);
  });

  it('leaves a response alone that is documented already', async () => {
    expect((await responses())('/method/own')['429'].description).toBe('in my words');
  });

  it('on a class documents each of its routes by what holds there, a method’s own word first', async () => {
    const of = await responses();
    expect(Object.keys(of('/class/limited'))).toEqual(['401', '429', '503']);
    expect(Object.keys(of('/class/skipped'))).toEqual(['401', '503']);
    expect(Object.keys(of('/class/own'))).toEqual(['429', '503']);
  });

  it('refuses an option that there is not', () => {
    expect(() => ApiAuthServices({ ratelimited: true } as never)).toThrow(/Did you mean "rateLimited"/);
  });
});
