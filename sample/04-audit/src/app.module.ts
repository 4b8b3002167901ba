import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule, FileAuditSink } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { TestIssuer } from 'nestjs-auth-services/testing';
import { AuditTrailController } from './audit-trail.controller.js';
import { CustomersController } from './customers.controller.js';
import { HeartbeatController } from './heartbeat.controller.js';
import { LoginController } from './login.controller.js';
import { RecentEventsSink } from './recent-events.sink.js';
import { TransfersController } from './transfers.controller.js';
import { TransfersService } from './transfers.service.js';

@Module({})
export class AppModule {
  static with(issuer: TestIssuer, directory: string): DynamicModule {
    const recentEvents = new RecentEventsSink();
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          audit: {
            // The files are the log; the memory is what the last minutes can be asked for.
            sinks: [new FileAuditSink({ directory }), recentEvents],
            // Sinks take the place of the console; here one wants to see both.
            logToConsole: true,
            // Beside passwords, tokens and the like, which are never written.
            redact: ['iban'],
          },
          rateLimit: { singleProcess: true },
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer: issuer.issuer, audience: 'api' }] }),
      ],
      providers: [
        TransfersService,
        { provide: RecentEventsSink, useValue: recentEvents },
        { provide: TestIssuer, useValue: issuer },
      ],
      controllers: [
        LoginController,
        TransfersController,
        CustomersController,
        HeartbeatController,
        AuditTrailController,
      ],
    };
  }
}
