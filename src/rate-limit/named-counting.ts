import { OptionsError } from '../options/options-error.js';
import { EXACT_UP_TO, isGathered } from './algorithms/sliding-window.js';
import { namedCounter, type CompiledPolicy } from './compiled-policy.js';

interface Counting {
  readonly algorithm: string;
  readonly windowMs: number;
  readonly limit: number;
  /** Where it is written. */
  readonly path: string;
}

const NAMED = namedCounter('');

/**
 * How each name is counted. Policies that share one may have limits of their own, but not windows or algorithms: of what
 * has left the shorter window nothing is kept for the longer, and two algorithms count apart.
 */
export class NamedCounting {
  private readonly byCounter = new Map<string, Counting>();

  /** @param isShared Counted in a store that keeps limits above 1,024 in another form, apart. */
  constructor(private readonly isShared: boolean) {}

  /** Checks it, and holds whatever comes later to it. */
  remember(policy: CompiledPolicy, path: string): void {
    this.check(policy, path);
    for (const { counter, charge } of partsOf(policy)) {
      const { algorithm, windowMs, limit } = charge;
      if (!this.byCounter.has(counter)) this.byCounter.set(counter, { algorithm, windowMs, limit, path });
    }
  }

  check(policy: CompiledPolicy, path: string): void {
    for (const { name, counter, charge } of partsOf(policy)) {
      const known = this.byCounter.get(counter);
      if (known === undefined) continue;
      if (known.algorithm !== charge.algorithm || known.windowMs !== charge.windowMs) {
        throw refused(
          `${path} counts ${JSON.stringify(name)} by ${shown(charge)}, and ${known.path} by ${shown(known)}: ` +
            'all that share a name share one window. Use the same, or another name.',
        );
      }
      if (this.isShared && isLog(charge) && isGathered(known.limit) !== isGathered(charge.limit)) {
        throw refused(
          `${path} limits ${JSON.stringify(name)} to ${charge.limit}, and ${known.path} to ${known.limit}: ` +
            `a store counts limits above ${EXACT_UP_TO} apart from those below. Use another name.`,
        );
      }
    }
  }
}

const partsOf = (policy: CompiledPolicy): readonly CompiledPolicy[] =>
  [policy, policy.m2m].filter((part) => part?.counter.startsWith(NAMED) === true) as CompiledPolicy[];

const isLog = ({ algorithm }: { readonly algorithm: string }): boolean =>
  algorithm === 'sliding-window' || algorithm === 'concurrency';

const shown = ({ algorithm, windowMs }: Pick<Counting, 'algorithm' | 'windowMs'>): string =>
  `${algorithm} in ${windowMs / 1000} s`;

const refused = (message: string): OptionsError => new OptionsError('ERR_AUTH_SERVICES_OPTION_UNSUPPORTED', message);
