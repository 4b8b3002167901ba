import { callable, number, shape, string, type Check } from '../options/check.js';
import { steadyNow } from '../options/clock.js';
import type { ExpositionFormat } from './exposition.js';
import type { MetricsCollector } from './metrics-collector.js';
import { MetricsPage } from './metrics-page.js';
import type { MetricsSnapshot } from './metrics-snapshot.js';
import type { MetricsSource } from './metrics-source.js';
import { MetricsState } from './metrics-state.js';
import { absorb, totalsOf, type MetricsTotals } from './metrics-totals.js';
import { SharedFolder } from './shared-folder.js';
import { snapshotOf } from './snapshot-of.js';

/** Where the processes of an application meet. */
export interface SharedMetricsOptions {
  /**
   * A folder for nothing else, on a local disk or in memory, the same for all processes that answer on one port. Made if
   * it is not there, for this user alone. What is in it is added to the counts: empty it at a deployment to begin at zero.
   */
  directory: string;
  /**
   * How often this process writes its counts, in milliseconds: so old may another process's numbers be, and so much is
   * lost of a process that is killed without notice. 10 to 60,000. @default 1000
   */
  writeEveryMs?: number | undefined;
  /** Told once when the folder cannot be written or read; this process then shows what it has. Default: a process warning. */
  onError?: ((error: Error) => void) | undefined;
}

/** Names that all processes together may have, of error types, policies and reasons each; the rest is `_other`. */
const MAX_NAMES = 1024;

const checkWriteEvery = number({ min: 10, max: 60_000 });
const checkOptions: Check = shape<SharedMetricsOptions>({
  directory: string,
  writeEveryMs: checkWriteEvery,
  onError: callable,
});

/**
 * The counts of all processes of this machine that answer on one port: the workers of a cluster, or of PM2. Each keeps its
 * counts in a file of one folder, and whichever of them is scraped adds them up, so that no counter ever falls: not from
 * one worker to the next, and not when one of them ends, whose counts another takes over.
 *
 * Exact for a process that ends in good order (`close()`, which Nest calls where `enableShutdownHooks()` is on, or
 * `process.exit()`); one that is killed without notice loses what it counted since it last wrote.
 *
 * @example
 * ```ts
 * const shared = new SharedMetrics(app.get(MetricsCollector), { directory: '/run/orders-api/metrics' });
 * await serveMetrics(shared, { port: 9464, host: '0.0.0.0', allowAnonymous: true });
 * ```
 */
export class SharedMetrics implements MetricsSource {
  private readonly folder: SharedFolder;
  private readonly timer: NodeJS.Timeout;
  private readonly onError: (error: Error) => void;
  /** What was taken over from processes that have ended. */
  private inherited: MetricsTotals | undefined;
  private hasFailed = false;
  private isClosed = false;
  private readonly now: () => number;

  /**
   * @param now The clock, in epoch milliseconds.
   * @throws OptionsError if an option is not what it should be; the system's error if the folder cannot be made or written.
   */
  constructor(
    private readonly collector: MetricsCollector,
    options: SharedMetricsOptions,
    now: () => number = steadyNow,
  ) {
    checkOptions(options, 'SharedMetrics');
    string(options.directory, 'SharedMetrics.directory');
    this.now = now;
    this.onError = options.onError ?? ((error) => process.emitWarning(`SharedMetrics: ${error.message}`));
    this.folder = new SharedFolder(options.directory);
    this.folder.write(this.ownTotals());
    this.timer = setInterval(this.write, options.writeEveryMs ?? 1000).unref();
    process.once('exit', this.close);
  }

  /** The snapshot of all processes. Quantiles are at most 0.54 % off; the identities are the most denied of each process. */
  getMetrics(): MetricsSnapshot {
    return snapshotOf(this.merged(), this.now());
  }

  /** The page of all processes: Prometheus's text format 0.0.4, or OpenMetrics 1.0.0. */
  toPrometheus(options: { format?: ExpositionFormat | undefined } = {}): string {
    const format = options.format === 'openmetrics' ? 'openmetrics' : 'text';
    return new MetricsPage(this.merged(), format, this.collector.legacyNames).write();
  }

  /** Leaves this process's counts to the others, for good. What it counts from now on is not seen by them. */
  readonly close = (): void => {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.timer);
    process.off('exit', this.close);
    this.attempt(() => this.folder.write(this.ownTotals(), true));
  };

  /** Called by Nest when the application ends and this is one of its providers. */
  onApplicationShutdown(): void {
    this.close();
  }

  private readonly write = (): void => {
    if (!this.isClosed) this.attempt(() => this.folder.write(this.ownTotals()));
  };

  private merged(): MetricsState {
    const state = this.emptyState();
    // Written before it is shown: no other process may show less, whichever is scraped next.
    this.write();
    absorb(state, this.ownTotals());
    state.storeState = this.collector.state.storeState;
    this.attempt(() => {
      for (const other of this.folder.others()) {
        absorb(state, other.totals);
        if (!this.folder.isGone(other)) {
          if (other.totals.storeState === 'down') state.storeState = 'down';
        } else if (!this.isClosed) this.folder.adopt(other.id, this.inherit);
      }
    });
    return state;
  }

  private readonly inherit = (totals: MetricsTotals): void => {
    this.inherited = this.sumOf(totals, this.inherited);
    this.folder.write(this.ownTotals());
  };

  private ownTotals(): MetricsTotals {
    const own = totalsOf(this.collector.state);
    return this.inherited === undefined ? own : { ...this.sumOf(own, this.inherited), storeState: own.storeState };
  }

  private sumOf(...parts: readonly (MetricsTotals | undefined)[]): MetricsTotals {
    const state = this.emptyState();
    for (const part of parts) if (part !== undefined) absorb(state, part);
    return totalsOf(state);
  }

  private emptyState(): MetricsState {
    // Identities come as they may be shown.
    const state = new MetricsState({ maxErrorTypes: MAX_NAMES, identities: 'plain' }, MAX_NAMES);
    state.startedAtMs = this.collector.state.startedAtMs;
    return state;
  }

  /** A full disk must not fail a scrape, or the request that is being counted. */
  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.hasFailed) return;
      this.hasFailed = true;
      this.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
