import { ApiResponse } from '@nestjs/swagger';
import { boolean, shape } from '../options/check.js';
import { handlersOf, isRoute } from '../startup/routes.js';
import { refusableOf, type ApiAuthServicesOptions } from './refusable.js';
import { responsesFor } from './responses.js';

const checkOptions = shape<ApiAuthServicesOptions>({
  authenticated: boolean,
  rateLimited: boolean,
  unavailable: boolean,
});

/**
 * Documents how a route, or each route of a class, may refuse: 401, 403, 429 and 503 with their bodies and headers, as far
 * as its decorators say so. Its place among them does not matter. What stands in the module's options it cannot see: say
 * it. On a method it goes before its class's; a response that you document yourself goes before ours.
 *
 * @throws OptionsError if an option is wrong, when the class is loaded.
 * @example
 * ```ts
 * @ApiAuthServices()
 * @HumanOnly()
 * @RateLimit({ maxRequests: 5, windowSeconds: 1 })
 * @Get('reports')
 * reports() {}
 * ```
 */
export function ApiAuthServices(options: ApiAuthServicesOptions = {}): MethodDecorator & ClassDecorator {
  checkOptions(options, '@ApiAuthServices()');
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    // Decorators apply bottom-up, those of the class last: a moment later all of them have, and nobody has asked yet.
    queueMicrotask(() => {
      if (key !== undefined && descriptor !== undefined) {
        // oxlint-disable-next-line typescript/unbound-method -- it is only looked at
        const method = (target as Record<string | symbol, unknown>)[key] as Function;
        document(target.constructor, target, String(key), method, options);
        return;
      }
      const { prototype } = target as Function;
      for (const handler of handlersOf(target as Function).filter(isRoute)) {
        document(target as Function, prototype as object, handler.name, handler.method, options);
      }
    });
  };
}

/** The name of Swagger's own metadata: what is there stays. */
const RESPONSES = 'swagger/apiResponse';
const DOCUMENTED = 'auth-services:documented';

function document(
  controller: Function,
  prototype: object,
  name: string,
  method: Function,
  options: ApiAuthServicesOptions,
): void {
  if (Reflect.hasOwnMetadata(DOCUMENTED, method)) return;
  Reflect.defineMetadata(DOCUMENTED, true, method);
  const written = (Reflect.getMetadata(RESPONSES, method) ?? {}) as Record<string, unknown>;
  for (const response of responsesFor(refusableOf(controller, method, options))) {
    if (String(response.status) in written) continue;
    ApiResponse(response as never)(prototype, name, { value: method });
  }
}
