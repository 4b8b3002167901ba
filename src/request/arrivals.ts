import { AsyncResource } from 'node:async_hooks';

/** More at once gain little more (bench/README.md), and whoever is first waits longer for its answer. */
const MOST = 16;
/** Groups are as small as they have to be to take no longer than this: so long the first of one may wait for the last. */
const LONGEST_GROUP_MS = 10;
/** The weight of the latest group in the average. One pause of the process says little of what requests take. */
const WEIGHT = 1 / 8;

/**
 * Lets requests that arrive in one turn of the event loop go on together at its end, side by side through every step of the
 * framework. Each step then finds its code and data in the processor's caches and the loop's own work is done once for
 * all of them: under load a request costs half of what it costs alone (bench/README.md). One that arrives alone waits
 * for nothing.
 *
 * Each goes on in the async context that it arrived in. Where handlers keep the processor long, groups shrink to one.
 */
export class Arrivals {
  private waiting: Arrival[] = [];
  private isScheduled = false;
  /** Of the group that is being measured; 0 for none. */
  private size = 0;
  private beganAt = 0;
  private averageMs = 0;

  /** `go` is called once, soon. */
  add(go: () => void): void {
    this.waiting.push(new Arrival(go));
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(this.release);
  }

  private readonly release = (): void => {
    this.isScheduled = false;
    this.learn();
    const group = this.waiting;
    const most = Math.max(1, Math.min(MOST, Math.floor(LONGEST_GROUP_MS / this.averageMs)));
    this.waiting = group.length > most ? group.splice(most) : [];
    if (group.length === 0) return;
    if (group.length > 1 || this.waiting.length > 0) {
      this.size = group.length;
      this.beganAt = performance.now();
      // What they have taken is known in the next turn, which comes at once; of one that is alone it may come much later.
      this.schedule();
    }
    let gone = 0;
    try {
      while (gone < group.length) group[gone++]!.go();
    } finally {
      // One that throws is nobody else's matter.
      if (gone < group.length) {
        this.waiting = [...group.slice(gone), ...this.waiting];
        this.schedule();
      }
    }
  };

  private learn(): void {
    if (this.size === 0) return;
    const eachMs = (performance.now() - this.beganAt) / this.size;
    this.averageMs += (eachMs - this.averageMs) * WEIGHT;
    this.size = 0;
  }
}

/** A request on its way, and the async context that it came in: stores of the application's, spans of a tracer's. */
class Arrival extends AsyncResource {
  constructor(private readonly next: () => void) {
    super('AuthServicesArrival');
  }

  go(): void {
    this.runInAsyncScope(this.next);
  }
}
