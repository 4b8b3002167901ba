import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { observeCalls, type CallsListener } from '../request/calls.js';
import type { Handler } from '../request/handler.js';
import { HttpEntrance, type HttpEntranceListener } from '../request/http-entrance.js';
import { checkClassGuards } from './class-guard-check.js';
import { globalGuardsOf } from './global-guards.js';
import { placeBehind, type Behind } from './behind-guards.js';
import { placeGuards, type IsPlacedLast } from './guard-placement.js';
import { globalPrefixOf } from './nest-internals.js';
import { startupReport, type ReportParts } from './report.js';
import { classesOf, handlersOf, isHandler, ownership } from './routes.js';

/** What the rooms have at start for this application; the module fills it in. */
export interface StartupParts {
  readonly host: HttpAdapterHost;
  readonly modules: ModulesContainer;
  readonly moduleRef: ModuleRef;
  readonly isPlacedLast: IsPlacedLast;
  readonly behind: Behind;
  readonly entrance: HttpEntranceListener;
  readonly calls: Omit<CallsListener, 'owns'>;
  /** Asked of every route and message handler, in the order in which Nest knows them; throws what must not start. */
  readonly checkRoute: (handler: Handler) => void;
  /** What is said of each of them at debug level. */
  readonly report: ReportParts;
  /** What is legal and yet worth a word at start. */
  readonly warnings: readonly string[];
  /** Every check has passed. */
  readonly start: () => void;
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
  private readonly releaseCalls: () => void;

  constructor(private readonly parts: StartupParts) {
    placeGuards(classesOf(parts.modules), parts.isPlacedLast);
    placeBehind(classesOf(parts.modules), parts.behind);
    this.releaseCalls = observeCalls({ ...parts.calls, owns: ownership(parts.modules) });
    // In a test, Nest makes the adapter after the providers; told by `init$` either way.
    parts.host.init$.subscribe(() => {
      const { httpAdapter } = parts.host;
      if (httpAdapter) this.entrance ??= new HttpEntrance(httpAdapter, parts.entrance);
    });
  }

  onModuleInit(): void {
    const { modules, moduleRef, isPlacedLast, checkRoute, warnings } = this.parts;
    const globalGuards = globalGuardsOf(modules, moduleRef);
    const warn = (message: string): void => this.logger.warn(message);
    for (const type of classesOf(modules)) {
      handlersOf(type).filter(isHandler).forEach(checkRoute);
      checkClassGuards(type, globalGuards, isPlacedLast, warn);
    }
    warnings.forEach(warn);
    this.warnOfTwins(warn);
    this.parts.start();
    this.report(globalGuards);
  }

  private report(globalGuards: readonly Function[]): void {
    const { modules, moduleRef, report } = this.parts;
    const handlers = [...classesOf(modules)].flatMap((type) => handlersOf(type).filter(isHandler));
    this.logger.debug(startupReport(handlers, globalGuards, globalPrefixOf(moduleRef), report));
  }

  /** Two of us count one request in two places. The first of them says so. */
  private warnOfTwins(warn: (message: string) => void): void {
    const twins = [...this.parts.modules.values()].filter((module) => module.providers.has(StartupService));
    if (twins.length < 2 || twins[0]!.providers.get(StartupService)?.instance !== this) return;
    warn(
      `AuthServicesModule is imported ${twins.length} times, each with options and counts of its own. ` +
        'Import AuthServicesModule.forRoot() once, in the root module: it is global.',
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.entrance?.close();
    this.releaseCalls();
    await this.parts.close();
  }
}
