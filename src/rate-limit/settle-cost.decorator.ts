import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { limitsOf } from './request-limits.js';

/** Says what the call has cost in the end; may be called again with more, and after the response has begun. */
export type CostSettlement = (cost: number) => Promise<void>;

/**
 * Late cost: hands the handler a function that tells what the call has cost once that is known (the tokens of a model,
 * the rows of an export). `cost` of the policy is what is charged at admission: what was too much is given back, what
 * was too little is spent, and waited for by the calls that follow, but never for longer than a window.
 *
 * @param policy The policy's name. Default: all of the call's; leases of `concurrency` have no late cost.
 *
 * @example
 * ```ts
 * class Chat {
 *   @Post('chat')
 *   @RateLimit({ name: 'tokens', maxRequests: 100_000, windowSeconds: 60, cost: 500 })
 *   async chat(@SettleCost('tokens') settle: CostSettlement) {
 *     const usedTokens = 1234;
 *     await settle(usedTokens);
 *   }
 * }
 * ```
 */
export const SettleCost = (policy?: string): ParameterDecorator => settlement(policy);

const settlement = createParamDecorator((policy: string | undefined, context: ExecutionContext): CostSettlement => {
  const limits = limitsOf(context);
  return async (cost) => limits?.by.settleCost(limits, cost, policy);
});
