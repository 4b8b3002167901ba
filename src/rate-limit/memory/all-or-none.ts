import type { RateLimitAnswer, RateLimitCharge } from '../storage.js';
import type { Blocks } from './blocks.js';
import type { Counter } from './counters.js';
import type { Finder } from './finder.js';
import type { Held, KeyTable } from './key-table.js';
import { Look } from './look.js';

/** One step for all policies of one identity: a look at each, then all of them are charged or none. */
export class AllOrNone {
  private readonly looks: Look[] = [new Look()];

  constructor(
    private readonly finder: Finder,
    private readonly table: KeyTable,
    private readonly blocks: Blocks,
    /** Told of each key that found no room. */
    private readonly onOverflow: () => void,
  ) {}

  decide(held: Held, charges: readonly RateLimitCharge[], charging: boolean): RateLimitAnswer[] {
    const count = charges.length;
    if (count === 0) return [];
    const segment = this.table.segmentOf(held.h1);
    let missing = 0;
    let admitted = true;
    for (let index = 0; index < count; index++) {
      const charge = charges[index]!;
      const look = (this.looks[index] ??= new Look());
      this.finder.lookAt(look, charge, segment, held);
      look.pending = this.pendingBefore(index, look.counter);
      look.blockedMs = charge.blockMs === 0 ? 0 : this.blocks.left(look, held);
      look.fits = look.blockedMs === 0 && look.counter.meter.fits(look);
      if (!look.fits) admitted = admitted && charge.shadow;
      else if (look.record < 0) missing++;
    }
    if (missing > 0 && admitted && this.table.roomLeft < missing) {
      admitted = this.makeRoom(charges, held, !charging);
    }
    // The first answer makes the array: one that begins empty takes room for seventeen when it grows.
    const answers = [this.answer(this.looks[0]!, charging, admitted, held)];
    for (let index = 1; index < count; index++) {
      answers.push(this.answer(this.looks[index]!, charging, admitted, held));
    }
    return answers;
  }

  /** The same counter twice in one call: what comes first is already spent for what comes after. */
  private pendingBefore(index: number, counter: Counter): number {
    let pending = 0;
    for (let before = 0; before < index; before++) {
      const other = this.looks[before]!;
      if (other.counter === counter && other.fits) pending += other.charge.cost;
    }
    return pending;
  }

  /** Finds a place for each new key, or sends it to the bucket that those without one share. Says whether all still fit. */
  private makeRoom(charges: readonly RateLimitCharge[], held: Held, isTrial: boolean): boolean {
    let planned = 0;
    let admitted = true;
    for (let index = 0; index < charges.length; index++) {
      const look = this.looks[index]!;
      if (!look.fits || look.record >= 0) continue;
      planned++;
      if (this.table.roomLeft >= planned) continue;
      if (this.table.evict(held, isTrial)) continue;
      planned--;
      this.finder.useOverflow(look);
      look.fits = look.counter.meter.fits(look);
      if (!look.fits) admitted = admitted && charges[index]!.shadow;
      if (!isTrial) this.onOverflow();
    }
    return admitted;
  }

  private answer(look: Look, charging: boolean, admitted: boolean, held: Held): RateLimitAnswer {
    if (!look.fits) return this.refused(look, charging, held);
    const { meter } = look.counter;
    let receipt: number | undefined;
    if (charging && admitted && look.charge.cost > 0) {
      this.finder.ensureRecord(look, held);
      receipt = meter.charge(look);
    }
    return {
      allowed: true,
      remaining: meter.remaining(look),
      resetMs: meter.resetMs(look),
      retryAfterMs: 0,
      receipt,
    };
  }

  private refused(look: Look, charging: boolean, held: Held): RateLimitAnswer {
    const { charge, counter } = look;
    const { meter } = counter;
    let { blockedMs } = look;
    // A refusal while blocked does not begin the block anew: whoever waits as long as told would still be refused.
    if (charging && blockedMs === 0 && charge.blockMs > 0) blockedMs = this.blocks.begin(look, held);
    return {
      allowed: false,
      remaining: blockedMs > 0 ? 0 : meter.remaining(look),
      resetMs: Math.max(blockedMs, meter.resetMs(look)),
      retryAfterMs: Math.max(blockedMs, meter.retryMs(look)),
      receipt: undefined,
    };
  }
}
