import type { RateLimitCharge } from '../rate-limit/storage.js';
import { CallPlan, type ChargeOperation } from './call-plan.js';

/** One step of the way from charges to the plan for them. */
class Step {
  plan: CallPlan | undefined;
  readonly next = new WeakMap<RateLimitCharge, Step>();
}

/** The plans of one operation. A policy's charge is the same object with each call, so that its plan is made once. */
export class Plans {
  private readonly root = new Step();
  private lastCharge: RateLimitCharge | undefined;
  private lastPlan!: CallPlan;

  constructor(private readonly operation: ChargeOperation) {}

  of(charges: readonly RateLimitCharge[]): CallPlan {
    if (charges.length === 1 && charges[0] === this.lastCharge) return this.lastPlan;
    let step = this.root;
    for (let index = 0; index < charges.length; index++) {
      const charge = charges[index]!;
      let next = step.next.get(charge);
      if (next === undefined) step.next.set(charge, (next = new Step()));
      step = next;
    }
    const plan = (step.plan ??= CallPlan.of(this.operation, charges));
    if (charges.length === 1) {
      this.lastCharge = charges[0];
      this.lastPlan = plan;
    }
    return plan;
  }
}
