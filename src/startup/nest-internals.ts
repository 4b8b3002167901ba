import type { ModuleRef } from '@nestjs/core';

/** What Nest tells of in no public place. Every part is optional: where one is gone, a check less is made, nothing breaks. */
interface NestInternals {
  readonly container?: {
    readonly applicationConfig?: { getGlobalGuards?(): readonly object[]; getGlobalPrefix?(): string };
  };
}

const configOf = (moduleRef: ModuleRef) => (moduleRef as unknown as NestInternals).container?.applicationConfig;

/** The guards of `app.useGlobalGuards()`. */
export function usedGlobalGuards(moduleRef: ModuleRef): readonly object[] {
  return configOf(moduleRef)?.getGlobalGuards?.() ?? [];
}

/** The prefix of `app.setGlobalPrefix()`, which may come after the module has started. */
export function globalPrefixOf(moduleRef: ModuleRef): string | undefined {
  return configOf(moduleRef)?.getGlobalPrefix?.() || undefined;
}
