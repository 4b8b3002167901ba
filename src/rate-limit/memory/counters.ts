import { OptionsError } from '../../options/options-error.js';
import type { RateLimitAlgorithm } from '../algorithms/index.js';
import type { Meter } from './meter.js';
import { FINE, shiftFor, ticksOf, type TickShift } from './tick-clock.js';

const MAX_COUNTERS = 65_536;

/** What the table knows of one counter, whoever is counted in it. */
export class Counter {
  /** No log of this counter is needed after this many ticks: the longest window it was asked with. */
  retention = 0;
  /** The smallest limit it was asked with: a key that has used more than half of it is never evicted. */
  leastLimit = 0x7fffffff;

  constructor(
    readonly id: number,
    readonly meter: Meter,
    readonly shift: TickShift,
  ) {}
}

/** Counter names to small numbers. Names are of policies, so they are few; identities never come here. */
export class Counters {
  private readonly byKey = new Map<string, Map<string, Counter>>();
  private readonly byId: Counter[] = [];

  constructor(private readonly meters: Readonly<Record<RateLimitAlgorithm, Meter>>) {}

  at(id: number): Counter {
    return this.byId[id]!;
  }

  /** The counter for this algorithm, window and limit, which it remembers. */
  of(name: string, algorithm: RateLimitAlgorithm, windowMs: number, limit: number): Counter {
    const meter = this.meters[algorithm];
    const shift = meter.hasTicks ? shiftFor(windowMs) : FINE;
    const counter = this.find(name, `${algorithm} ${shift}`, meter, shift);
    const ticks = ticksOf(windowMs, shift);
    if (ticks > counter.retention) counter.retention = ticks;
    if (limit < counter.leastLimit && limit > 0) counter.leastLimit = limit;
    return counter;
  }

  /** All counters of a name, as far as they exist. */
  named(name: string): Counter[] {
    return [...(this.byKey.get(name)?.values() ?? [])];
  }

  private find(name: string, key: string, meter: Meter, shift: TickShift): Counter {
    let counters = this.byKey.get(name);
    if (counters === undefined) this.byKey.set(name, (counters = new Map()));
    let counter = counters.get(key);
    if (counter === undefined) {
      if (this.byId.length === MAX_COUNTERS) {
        throw new OptionsError(
          'ERR_AUTH_SERVICES_TOO_MANY_POLICIES',
          `The memory storage knows ${MAX_COUNTERS} policies and takes no more. A policy's name is for the policy: put what varies from call to call into the identity.`,
        );
      }
      counter = new Counter(this.byId.length, meter, shift);
      this.byId.push(counter);
      counters.set(key, counter);
    }
    return counter;
  }
}
