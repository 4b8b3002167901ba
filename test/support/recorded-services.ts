// AuthServicesModule as the specs of the transports use it: what it writes is recorded, and its clock stands still.
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import {
  AuditLogger,
  AuthServicesModule,
  type AuditEvent,
  type AuthServicesExtras,
  type AuthServicesOptions,
} from '../../src/index.js';
import { ManualClock, RecordingAuditSink } from '../../src/testing/index.js';
import { until } from './app.js';

export type ServicesOptions = AuthServicesOptions & AuthServicesExtras;

export class RecordedServices {
  readonly sink = new RecordingAuditSink();
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly module: DynamicModule;

  constructor(options: ServicesOptions = {}) {
    this.module = AuthServicesModule.forRoot({
      m2m: { provider: 'cognito' },
      audit: { sinks: [this.sink] },
      now: this.clock.now,
      ...options,
    });
  }

  /** The events of the trail that are meant, once there are as many as expected. */
  async audited(
    app: INestApplicationContext,
    expected: number,
    isMeant: (event: AuditEvent) => boolean = () => true,
  ): Promise<readonly AuditEvent[]> {
    const logger = app.get(AuditLogger);
    const meant = () => this.sink.events.filter(isMeant);
    await until(() => (void logger.flush(), meant().length >= expected), `${expected} events are logged`);
    return meant();
  }
}
