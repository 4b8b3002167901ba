import { AsyncLocalStorage } from 'node:async_hooks';
import { FetchProblem, fetchJson } from './fetch-json.js';
import type { KeySetLocation } from './key-set-location.js';
import type { KeyMiss, KeySource } from './key-source.js';
import { readKeySet, type KeyTable } from './key-table.js';
import type { KeyRefreshing } from './key-refreshing.js';
import type { VerificationKey } from './verification-key.js';

const FETCH_DEADLINE_MS = 5_000;
/** How often an unknown `kid` may cost a fetch. */
const UNKNOWN_KID_COOLDOWN_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;

export interface RemoteKeysOptions {
  readonly location: KeySetLocation;
  readonly refreshing: KeyRefreshing;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
  /** Told once when the keys cannot be had any more, and once when they can be had again. */
  readonly report: (message: string) => void;
  /** The longest a request waits for the issuer, metadata and keys together. @default 5000 */
  readonly deadlineMs?: number | undefined;
}

/**
 * The key set of one issuer, fetched whole and kept. However many requests need it, there is one fetch at a time; once it
 * is there nobody waits for the issuer again, except the first request after the set has expired and, at most once in 30
 * seconds, one whose `kid` nobody has seen. While the issuer cannot be reached the old keys count, for a bounded time.
 */
export class RemoteKeys implements KeySource {
  private table: KeyTable | undefined;
  private inFlight: Promise<void> | undefined;
  private abort: AbortController | undefined;
  private closed = false;

  private uses = 0;
  private backgroundFrom = 0;
  private freshUntil = 0;
  private staleUntil = 0;

  private failures = 0;
  private retryAt = 0;
  private unknownKidAt = Number.NEGATIVE_INFINITY;

  /** Fetches run outside the request that happened to need them, whose context they would keep alive. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(private readonly options: RemoteKeysOptions) {}

  touch(): boolean {
    if (this.table === undefined) return false;
    const now = this.options.now();
    this.uses++;
    if (now < this.backgroundFrom && this.uses < this.options.refreshing.backgroundUses) return true;
    return this.touchLate(now);
  }

  find(kid: string | undefined, alg: string): VerificationKey | KeyMiss | Promise<VerificationKey | KeyMiss> {
    if (!this.touch()) {
      if (this.options.now() < this.retryAt) return 'keys_unavailable';
      return this.refresh().then(() => this.choose(kid, alg));
    }
    return this.table!.find(kid, alg) ?? this.findUnknown(kid, alg);
  }

  retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.retryAt - this.options.now()) / 1000));
  }

  close(): void {
    this.closed = true;
    this.abort?.abort();
  }

  /** The set is due: still good enough to be used at once while it is refreshed, or not. */
  private touchLate(now: number): boolean {
    const expired = now >= this.freshUntil || this.uses > this.options.refreshing.refreshUses;
    if (expired) {
      // The stale time of a set that was used up starts now.
      if (this.freshUntil > now) this.expireAt(now);
      if (this.failures === 0 || now >= this.staleUntil) return false;
    }
    if (now >= this.retryAt) void this.refresh();
    return true;
  }

  private expireAt(now: number): void {
    this.freshUntil = now;
    this.staleUntil = now + this.options.refreshing.staleMs;
  }

  /** After a fetch that was waited for. */
  private choose(kid: string | undefined, alg: string): VerificationKey | KeyMiss {
    const now = this.options.now();
    if (this.table === undefined || (this.failures > 0 && now >= this.staleUntil)) return 'keys_unavailable';
    return this.table.find(kid, alg) ?? this.missing();
  }

  private missing(): KeyMiss {
    // While the issuer cannot be asked, nobody knows whether it has such a key by now.
    return this.failures > 0 ? 'keys_unavailable' : 'key';
  }

  private findUnknown(kid: string | undefined, alg: string): KeyMiss | Promise<VerificationKey | KeyMiss> {
    if (this.inFlight === undefined) {
      const now = this.options.now();
      if (now < this.retryAt || now - this.unknownKidAt < UNKNOWN_KID_COOLDOWN_MS) return this.missing();
      this.unknownKidAt = now;
    }
    return this.refresh().then(() => {
      const found = this.choose(kid, alg);
      // A real rotation is no flood: the next one need not wait.
      if (typeof found === 'object') this.unknownKidAt = Number.NEGATIVE_INFINITY;
      return found;
    });
  }

  /** One fetch at a time. Never rejects. */
  private refresh(): Promise<void> {
    return (this.inFlight ??= this.outside(() => this.fetch()).finally(() => {
      this.inFlight = undefined;
    }));
  }

  private async fetch(): Promise<void> {
    if (this.closed) return this.failed(new FetchProblem('the application is closing'));
    const abort = (this.abort = new AbortController());
    const deadline = setTimeout(() => abort.abort(), this.options.deadlineMs ?? FETCH_DEADLINE_MS);
    deadline.unref();
    try {
      const { location } = this.options;
      const table = readKeySet(await fetchJson(await location.resolve(abort.signal), abort.signal), this.table);
      if (table === undefined) throw new FetchProblem('the answer is no key set');
      this.succeeded(table);
    } catch (error) {
      this.options.location.forget();
      this.failed(error);
    } finally {
      clearTimeout(deadline);
    }
  }

  private succeeded(table: KeyTable): void {
    const { refreshMs, backgroundMs, staleMs } = this.options.refreshing;
    const now = this.options.now();
    if (this.failures > 0) this.options.report('can be fetched again');
    this.table = table;
    this.uses = 0;
    this.failures = 0;
    this.retryAt = 0;
    this.backgroundFrom = now + backgroundMs;
    this.freshUntil = now + refreshMs;
    this.staleUntil = this.freshUntil + staleMs;
  }

  private failed(error: unknown): void {
    if (this.failures++ === 0 && !this.closed) {
      const reason = error instanceof FetchProblem ? error.message : 'unexpected failure';
      this.options.report(`cannot be fetched: ${reason}`);
    }
    const pause = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures - 1, 10));
    this.retryAt = this.options.now() + pause;
  }
}
