import type { ModuleRef, ModulesContainer } from '@nestjs/core';
import { classOf } from './guard-placement.js';
import { usedGlobalGuards } from './nest-internals.js';

/** The classes of the global guards: those of `APP_GUARD` providers, whatever their scope, and of `app.useGlobalGuards()`. */
export function globalGuardsOf(modules: ModulesContainer, moduleRef: ModuleRef): Function[] {
  const guards = new Set<Function>(usedGlobalGuards(moduleRef).map(classOf));
  for (const module of modules.values()) {
    for (const wrapper of [...module.providers.values(), ...module.injectables.values()]) {
      if (!String(wrapper.token).startsWith('APP_GUARD')) continue;
      const guard: unknown = wrapper.instance ?? wrapper.metatype;
      if (typeof guard === 'function' || (typeof guard === 'object' && guard !== null)) guards.add(classOf(guard));
    }
  }
  return [...guards];
}
