import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule, FileAuditSink } from 'nestjs-auth-services';
import type { TrailKeys } from './keys.js';
import { PaymentsController } from './payments.controller.js';
import { TrailController } from './trail.controller.js';
import { Trail } from './trail.js';

@Module({})
export class AppModule {
  static with(directory: string, keys: TrailKeys): DynamicModule {
    const trail = new Trail(directory, keys);
    const { signingKey, ratchetKey } = keys;
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          audit: {
            sinks: [
              new FileAuditSink({
                directory,
                signingKey,
                ratchetKey,
                // The second place; a real one is on another machine.
                onCheckpoint: (note) => void trail.anchors.push(note),
              }),
            ],
          },
          rateLimit: { singleProcess: true },
        }),
      ],
      providers: [{ provide: Trail, useValue: trail }],
      controllers: [PaymentsController, TrailController],
    };
  }
}
