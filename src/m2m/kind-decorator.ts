import 'reflect-metadata';
import { OptionsError } from '../options/options-error.js';
import { KIND_METADATA } from './kind-requirement.js';

type Decorator = MethodDecorator & ClassDecorator;

/**
 * The decorator, refused where one of its kind is already: of `@HumanOnly()` and `@M2MOnly()` on one method the upper
 * would hide the lower, and nobody could tell which was meant.
 */
export function onlyOneKind(name: string, attach: Decorator): Decorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = (descriptor?.value ?? target) as object;
    if (Reflect.hasOwnMetadata(KIND_METADATA, place)) {
      const where = key === undefined ? (target as Function).name : `${target.constructor.name}.${String(key)}`;
      throw new OptionsError(
        'ERR_AUTH_SERVICES_DECORATOR_TWICE',
        `${name} is on ${where}, which says already whom it is for. Leave one of @HumanOnly() and @M2MOnly(); without either, both may call.`,
      );
    }
    if (key === undefined || descriptor === undefined) (attach as ClassDecorator)(target as Function);
    else (attach as MethodDecorator)(target, key, descriptor);
  };
}
