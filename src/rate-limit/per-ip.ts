import type { IncomingHttpHeaders } from 'node:http';
import { Asked } from './asked.js';
import { compilePolicy, type CompiledPolicy } from './compiled-policy.js';
import { decisionOf } from './decision.js';
import type { Evaluator } from './evaluator.js';
import { identityText, UNKNOWN_IP } from './identity.js';
import type { PerIpOptions } from './rate-limit.options.js';
import type { RateLimitDecision } from './rate-limit.policy.js';
import type { StoreGate } from './store-gate.js';

export interface PerIpDeps {
  readonly gate: StoreGate;
  readonly evaluator: Evaluator;
  readonly countedIp: (ip: string) => string;
}

/**
 * The floor under every route: so many requests from one address, counted before anything else looks at them, so
 * that refused logins and paths that do not exist count too.
 */
export class PerIpFloor {
  private readonly policy: CompiledPolicy;

  constructor(
    private readonly options: PerIpOptions,
    private readonly deps: PerIpDeps,
  ) {
    const { maxRequests, windowSeconds } = options;
    this.policy = compilePolicy({ maxRequests, windowSeconds, identifier: 'ip' }, 'per-ip', 'per-ip');
  }

  /** The refusal; `undefined` for a request that may pass. `path` comes without its query string. */
  check(
    ip: string | undefined,
    path: string,
    method: string,
    headers: IncomingHttpHeaders,
  ): undefined | RateLimitDecision | Promise<RateLimitDecision | undefined> {
    // A browser sends preflights by itself, and without a way to wait: they never count.
    if (isPreflight(method, headers) || this.isSkipped(ip, path)) return undefined;
    const identity = ip === undefined ? UNKNOWN_IP : identityText('ip', this.deps.countedIp(ip));
    const asked = [new Asked(this.policy, identity, this.policy.charge)];
    const admitted = this.deps.gate.consume(asked);
    return typeof admitted === 'boolean'
      ? this.refusal(asked, admitted)
      : admitted.then((found) => this.refusal(asked, found));
  }

  private refusal(asked: readonly Asked[], admitted: boolean): RateLimitDecision | undefined {
    this.deps.evaluator.publish(asked);
    return admitted ? undefined : decisionOf(asked, false);
  }

  private isSkipped(ip: string | undefined, path: string): boolean {
    const { skipIf } = this.options;
    if (skipIf === undefined || ip === undefined) return false;
    try {
      return skipIf(ip, path) === true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.deps.evaluator.warnOnce(
        'perIp skipIf',
        `rateLimit.perIp.skipIf failed (${reason.slice(0, 200)}): such requests count.`,
      );
      return false;
    }
  }
}

/** As the Fetch standard defines a CORS preflight: OPTIONS with both headers. */
function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
