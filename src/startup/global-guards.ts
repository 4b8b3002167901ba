import type { ModuleRef, ModulesContainer } from '@nestjs/core';
import { classOf } from './guard-placement.js';

interface NestInternals {
  readonly container?: { readonly applicationConfig?: { getGlobalGuards?(): readonly object[] } };
}

/** The classes of the global guards: those of `APP_GUARD` providers, whatever their scope, and of `app.useGlobalGuards()`. */
export function globalGuardsOf(modules: ModulesContainer, moduleRef: ModuleRef): Function[] {
  const guards = new Set<Function>();
  for (const module of modules.values()) {
    for (const wrapper of [...module.providers.values(), ...module.injectables.values()]) {
      if (!String(wrapper.token).startsWith('APP_GUARD')) continue;
      const guard: unknown = wrapper.instance ?? wrapper.metatype;
      if (typeof guard === 'function' || (typeof guard === 'object' && guard !== null)) guards.add(classOf(guard));
    }
  }
  // Nest tells of `useGlobalGuards()` in no public place; where this one is gone, a check less is made, nothing breaks.
  const { container } = moduleRef as unknown as NestInternals;
  for (const guard of container?.applicationConfig?.getGlobalGuards?.() ?? []) guards.add(classOf(guard));
  return [...guards];
}
