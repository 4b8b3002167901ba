import { ConfigurableModuleBuilder, Module, type DynamicModule } from '@nestjs/common';
import {
  AUTH_SERVICES_OPTIONS,
  checkedExtras,
  EXTRAS,
  type AuthServicesAsyncOptions,
  type AuthServicesExtras,
  type AuthServicesOptions,
} from './auth-services.options.js';
import { exported, providersFor } from './auth-services.providers.js';
import { metricsController } from './metrics/metrics.controller.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<AuthServicesOptions>({
  optionsInjectionToken: AUTH_SERVICES_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createAuthServicesOptions')
  .setExtras<AuthServicesExtras>({ ...EXTRAS }, assemble)
  .build();

/**
 * The four services: M2M detection, rate limits, audit trail, metrics. Import it once, in the root module.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     AuthServicesModule.forRoot({
 *       rateLimit: { default: { maxRequests: 100, windowSeconds: 60 }, singleProcess: true },
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class AuthServicesModule extends ConfigurableModuleClass {
  /**
   * @throws OptionsError naming the option, its value and the fix, here or when the application starts.
   */
  static override forRoot(options: AuthServicesOptions & AuthServicesExtras = {}): DynamicModule {
    return super.forRoot(options);
  }

  /** The options come from a factory; what shapes the module (`isGlobal` and the like) stands beside it. */
  static override forRootAsync(options: AuthServicesAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }
}

function assemble(definition: DynamicModule, given: AuthServicesExtras): DynamicModule {
  const shape = checkedExtras(given);
  const { metricsEndpoint } = shape;
  return {
    ...definition,
    global: shape.isGlobal === true,
    controllers: metricsEndpoint ? [metricsController(metricsEndpoint.path ?? 'metrics')] : [],
    providers: [...(definition.providers ?? []), ...providersFor(shape)],
    exports: [...exported],
  };
}
