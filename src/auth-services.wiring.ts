import { Logger, type FactoryProvider } from '@nestjs/common';
import type { AuthServicesExtras, AuthServicesOptions } from './auth-services.options.js';
import { steadyNow } from './options/clock.js';

/** The options, checked: what everything here is made from, so that a mistake stops the start however they came. */
export const CHECKED_OPTIONS = Symbol.for('nestjs-auth-services.checked-options');
export const RATE_LIMITING = Symbol.for('nestjs-auth-services.rate-limiting');

/** The interceptor's and the recorder's place in the application, which only the module knows. */
export type Shape = Required<AuthServicesExtras>;

export const logger = (): Logger => new Logger('AuthServices');

/** A provider that is made by calling a constructor; the classes know nothing of Nest's container. */
export function made<T>(
  provide: FactoryProvider<T>['provide'],
  inject: FactoryProvider['inject'] & object,
  useFactory: (...args: never[]) => T,
): FactoryProvider<T> {
  return { provide, inject, useFactory: useFactory as FactoryProvider<T>['useFactory'] };
}

export const clockOf = (options: AuthServicesOptions): (() => number) => options.now ?? steadyNow;
