import type { INestApplication } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { ManualClock, RecordingAuditSink, TestIssuer } from 'nestjs-auth-services/testing';
import request from 'supertest';
import { AppModule } from '../src/app.module.js';

/** Everything a test of this application looks at or turns: real tokens, a clock of its own, and the audit trail. */
export interface TestApp {
  readonly app: INestApplication;
  readonly issuer: TestIssuer;
  readonly clock: ManualClock;
  readonly audit: RecordingAuditSink;
  call(method: 'get' | 'post', path: string, token?: string): request.Test;
  stop(): Promise<void>;
}

/** `change` replaces parts before the application is built: `(builder) => builder.overrideProvider(…)`. */
export async function startTestApp(
  change: (builder: TestingModuleBuilder) => void = () => undefined,
): Promise<TestApp> {
  const issuer = await TestIssuer.start();
  const clock = new ManualClock();
  const audit = new RecordingAuditSink();
  const builder = Test.createTestingModule({
    imports: [AppModule.with(issuer.issuer, { now: clock.now, audit: { sinks: [audit] } })],
  });
  change(builder);
  const app = (await builder.compile()).createNestApplication({ logger: false });
  await app.init();
  return {
    app,
    issuer,
    clock,
    audit,
    call: (method, path, token) => {
      const call = request(app.getHttpServer())[method](path);
      return token === undefined ? call : call.set('Authorization', `Bearer ${token}`);
    },
    stop: async () => {
      await app.close();
      await issuer.stop();
    },
  };
}
