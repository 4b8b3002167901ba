import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { HttpEntrance, type HttpEntranceListener } from '../request/http-entrance.js';
import { checkClassGuards } from './class-guard-check.js';
import { globalGuardsOf } from './global-guards.js';
import { placeGuards, type IsPlacedLast } from './guard-placement.js';
import { classesOf } from './routes.js';

/** What the rooms have at start for this application; the module fills it in. */
export interface StartupParts {
  readonly host: HttpAdapterHost;
  readonly modules: ModulesContainer;
  readonly moduleRef: ModuleRef;
  readonly isPlacedLast: IsPlacedLast;
  readonly entrance: HttpEntranceListener;
  /** Asked of every class that Nest calls from outside; throws what must not start. */
  readonly checkClass: (type: Function) => void;
  /** What is legal and yet worth a word: told once, at start. */
  readonly warnings: () => readonly string[];
  /** After the last response has left: what is still queued is written, what is open is closed. */
  readonly close: () => Promise<void>;
}

/**
 * Attaches the services to the application and checks it, at the moments that Nest leaves for that: guard lists are
 * put in order and the entrance is opened while providers are made, which is before any route or body parser is
 * registered; the checks run when every module is there.
 */
export class StartupService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('AuthServices');
  private entrance: HttpEntrance | undefined;

  constructor(private readonly parts: StartupParts) {
    placeGuards(classesOf(parts.modules), parts.isPlacedLast);
    // In a test, Nest makes the adapter after the providers; told by `init$` either way.
    parts.host.init$.subscribe(() => {
      const { httpAdapter } = parts.host;
      if (httpAdapter) this.entrance ??= new HttpEntrance(httpAdapter, parts.entrance);
    });
  }

  onModuleInit(): void {
    const { modules, moduleRef, isPlacedLast, checkClass } = this.parts;
    const globalGuards = globalGuardsOf(modules, moduleRef);
    const warn = (message: string): void => this.logger.warn(message);
    for (const type of classesOf(modules)) {
      checkClass(type);
      checkClassGuards(type, globalGuards, isPlacedLast, warn);
    }
    this.parts.warnings().forEach(warn);
  }

  async onApplicationShutdown(): Promise<void> {
    this.entrance?.close();
    await this.parts.close();
  }
}
