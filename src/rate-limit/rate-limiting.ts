import type { AuthEvents } from '../events/auth-events.js';
import type { Callers } from '../request/callers.js';
import { Enforcement } from './enforcement.js';
import { Evaluator } from './evaluator.js';
import { MemoryRateLimitStorage } from './memory/memory-rate-limit-storage.js';
import { PerIpFloor } from './per-ip.js';
import { PolicyBook } from './policy-book.js';
import { checkRateLimitOptions, type RateLimitOptions } from './rate-limit.options.js';
import { RateLimiterService } from './rate-limiter.service.js';
import { PolicyRoutes } from './routes.js';
import type { RateLimitStorage } from './storage.js';
import { StoreGate } from './store-gate.js';

export interface RateLimitingDeps {
  readonly callers: Pick<Callers, 'of' | 'countedIp'>;
  readonly events: Pick<AuthEvents, 'publish' | 'subscribe'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** One line for whoever runs the application. */
  readonly warn: (message: string) => void;
  /** Every handler is limited, decorated or not. */
  readonly isGlobal: boolean;
}

/** The parts of the room, put together. */
export interface RateLimiting {
  readonly storage: RateLimitStorage;
  readonly service: RateLimiterService;
  readonly enforcement: Enforcement;
  /** Absent without `rateLimit.perIp`. */
  readonly perIp: PerIpFloor | undefined;
  /** Meets the routes in the order they are handed in, so that classes of one name are told apart alike in every process. */
  readonly routes: PolicyRoutes;
  close(): Promise<void>;
}

/** Puts the room together from its options, which it checks. */
export function createRateLimiting(
  options: RateLimitOptions,
  deps: RateLimitingDeps,
  path = 'rateLimit',
): RateLimiting {
  checkRateLimitOptions(options, path);
  const { callers, events, now, warn } = deps;
  const { expectedProcesses, maxKeys } = options;
  let hasOverflowed = false;
  const onOverflow = (): void => {
    if (!hasOverflowed) warn(OVERFLOW);
    hasOverflowed = true;
    events.publish({ type: 'rate_limit.overflow' });
  };
  const storage = options.storage ?? new MemoryRateLimitStorage({ maxKeys, now, onOverflow });
  const countedIp = (ip: string): string => callers.countedIp(ip);
  const gate = new StoreGate({ storage, expectedProcesses, maxKeys, onOverflow, now, events, warn });
  const book = new PolicyBook(options, storage.shared === true);
  const evaluator = new Evaluator({ gate, countedIp, events, warn });
  const routes = new PolicyRoutes(book, deps.isGlobal);
  const headers = options.headers ?? 'both';
  const enforcement = new Enforcement({ callers, routes, evaluator, gate, events, headers, now });
  const service = new RateLimiterService({ book, gate, countedIp, told: (asked) => evaluator.publish(asked) });
  const perIp = options.perIp && new PerIpFloor(options.perIp, { gate, evaluator, countedIp });
  const close = async (): Promise<void> => {
    enforcement.close();
    await gate.close();
  };
  return { storage, service, enforcement, perIp, routes, close };
}

const OVERFLOW =
  'rateLimit.maxKeys is reached, and every key looked at has used more than half of its limit or is blocked. New callers now share one strict bucket for each policy until keys expire.';
