// Real: @nestjs/config's module and service, the environment of this process, Nest's container. Faked: nothing.
import { Controller, Get, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AuthServicesModule, RateLimit, type AuthServicesOptions } from '../../src/index.js';
import { JwtAuthModule } from '../../src/jwt/index.js';
import { createApp } from '../support/app.js';

@Controller()
class Limited {
  @Get('limited') @RateLimit() limited() {
    return 'ok';
  }
}

const set = new Set<string>();
function environment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    process.env[name] = value;
    set.add(name);
  }
}
afterEach(() => {
  for (const name of set) delete process.env[name];
  set.clear();
});

type Read = (config: ConfigService) => AuthServicesOptions;
const start = (read: Read, validate?: (env: Record<string, unknown>) => Record<string, unknown>) => {
  @Module({
    imports: [
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, ...(validate && { validate }) }),
      AuthServicesModule.forRootAsync({ inject: [ConfigService], useFactory: read }),
    ],
    controllers: [Limited],
  })
  class App {}
  return createApp('express', App);
};

const maxRequests = (value: unknown): AuthServicesOptions => ({
  audit: { logToConsole: false },
  rateLimit: { singleProcess: true, default: { maxRequests: value as number } },
});

describe('options from the environment', () => {
  it('refuse a string that get<number>() calls a number, with the option, the value and the fix', async () => {
    environment({ NAS_RATE_MAX: '7' });
    await expect(start((config) => maxRequests(config.get<number>('NAS_RATE_MAX')))).rejects.toMatchObject({
      name: 'OptionsError',
      code: 'ERR_AUTH_SERVICES_OPTION_TYPE',
      message: expect.stringMatching(/^rateLimit\.default\.maxRequests .*"7" \(string\).*ConfigService.*Number\(\)/s),
    });
  });

  it('take it once it is wrapped in Number()', async () => {
    environment({ NAS_RATE_MAX: '7' });
    const app = await start((config) => maxRequests(Number(config.getOrThrow('NAS_RATE_MAX'))));
    await request(app.getHttpServer()).get('/limited').expect(200).expect('X-RateLimit-Limit', '7');
    await app.close();
  });

  it('take what ConfigModule has converted in its own validation', async () => {
    environment({ NAS_RATE_MAX: '9' });
    const app = await start(
      (config) => maxRequests(config.getOrThrow('NAS_RATE_MAX')),
      (env) => ({ ...env, NAS_RATE_MAX: Number(env['NAS_RATE_MAX']) }),
    );
    await request(app.getHttpServer()).get('/limited').expect(200).expect('X-RateLimit-Limit', '9');
    await app.close();
  });

  it('refuse the NaN of a variable that is not set, because no comparison with it ever limits anybody', async () => {
    await expect(start((config) => maxRequests(Number(config.get('NAS_NOT_SET'))))).rejects.toMatchObject({
      code: 'ERR_AUTH_SERVICES_OPTION_RANGE',
      message: expect.stringContaining('NaN'),
    });
  });

  it('refuse the text "false" where a boolean belongs, which would be true to any check less strict', async () => {
    environment({ NAS_CONSOLE: 'false' });
    const logToConsole = (config: ConfigService) => ({ audit: { logToConsole: config.get<boolean>('NAS_CONSOLE')! } });
    await expect(start(logToConsole)).rejects.toMatchObject({
      message: expect.stringMatching(/^audit\.logToConsole must be true or false.*=== 'true'/s),
    });
  });

  it('refuse the issuer that is not set, in JwtAuthModule too', async () => {
    @Module({
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
        JwtAuthModule.forRootAsync({
          inject: [ConfigService],
          useFactory: (config: ConfigService) => ({
            issuers: [{ issuer: config.get<string>('NAS_ISSUER')!, audience: 'api' }],
          }),
        }),
      ],
    })
    class App {}
    await expect(createApp('express', App)).rejects.toMatchObject({
      name: 'OptionsError',
      message: expect.stringMatching(/^issuers\[0\]\.issuer must be/),
    });
  });
});
