// Real: the limiter as the module wires it, its options, decorators and service. Faked: nothing. What is asked: is what can
// only be a mistake refused when it is written, wherever that is, with the option, the value and the fix?
import { describe, expect, it } from '@jest/globals';
import { OptionsError } from '../../src/options/options-error.js';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { RateLimit } from '../../src/rate-limit/rate-limit.decorator.js';
import type { RateLimitOptions } from '../../src/rate-limit/rate-limit.options.js';
import type { PolicyRef, RateLimitPolicy } from '../../src/rate-limit/rate-limit.policy.js';
import { RateLimiter } from '../../src/rate-limit/rate-limiter.js';
import { makeLimiting } from './support/limited-app.js';

/** What happens to a route with these policies at start. */
function route(policy: PolicyRef | readonly PolicyRef[], options: RateLimitOptions = {}): void {
  class Routes {
    run(): void {}
  }
  Reflect.decorate(
    [RateLimit(policy)],
    Routes.prototype,
    'run',
    Object.getOwnPropertyDescriptor(Routes.prototype, 'run'),
  );
  makeLimiting(options, false).limiting.routes.of(Routes, Routes.prototype.run);
}

function refusal(write: () => unknown): string {
  try {
    write();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    return (error as OptionsError).message;
  }
  throw new Error('nothing was refused');
}

const byHand = (policy: PolicyRef | readonly PolicyRef[], options: RateLimitOptions = {}): unknown =>
  makeLimiting(options, false).limiting.service.consume('somebody', policy);

/** Every place where a policy can be written. */
const PLACES: [string, (policy: RateLimitPolicy) => unknown][] = [
  ['rateLimit.default', (policy) => makeLimiting({ default: policy }, false)],
  ['rateLimit.policies.api', (policy) => makeLimiting({ policies: { api: policy } }, false)],
  ['@RateLimit()', route],
  ['policy', (policy) => new RateLimiter(policy)],
  ['policy', (policy) => makeLimiting({}, false).limiting.service.create(policy)],
  ['policy', byHand],
];

const MISTAKES: [object, RegExp][] = [
  [{ maxRequests: -1 }, /\.maxRequests must be a whole number of at least 0.*got -1/],
  [{ maxRequests: 1.5 }, /\.maxRequests must be a whole number/],
  [{ maxRequests: NaN }, /\.maxRequests .*got NaN/],
  [{ maxRequests: Infinity }, /\.maxRequests .*at most 1000000000, got Infinity/],
  [{ maxRequests: 1_000_000_001 }, /\.maxRequests .*at most 1000000000/],
  [{ maxRequests: '100' }, /\.maxRequests .*"100" \(string\).*Number\(\)/],
  [{ maxRequests: null }, /\.maxRequests .*got null/],
  [{ windowSeconds: 0 }, /\.windowSeconds must be a number above 0/],
  [{ windowSeconds: -60 }, /\.windowSeconds .*got -60/],
  [{ windowSeconds: 31_622_401 }, /\.windowSeconds .*at most 31622400/],
  [{ windowSeconds: '1m' }, /\.windowSeconds must be a number.*"1m" \(string\)/],
  [{ algorithm: 'sliding-windows' }, /\.algorithm .*Did you mean "sliding-window"/],
  [{ algorithm: 'gcra', burst: 0 }, /\.burst must be a whole number of at least 1/],
  [{ algorithm: 'gcra', burst: '5' }, /\.burst .*"5" \(string\).*Number\(\)/],
  [{ algorithm: 'gcra', maxRequests: 1, windowSeconds: 86_400, burst: 1000 }, /\.burst .*within 31622400 s/],
  [{ burst: 5 }, /\.burst is for algorithm 'gcra', and this one is 'sliding-window'\. Leave it out\./],
  [{ algorithm: 'fixed-window', burst: 5 }, /\.burst is for algorithm 'gcra', and this one is 'fixed-window'/],
  [{ algorithm: 'concurrency', burst: 5 }, /\.burst is for algorithm 'gcra', and this one is 'concurrency'/],
  [{ m2m: { burst: 5 } }, /\.m2m\.burst is for algorithm 'gcra', and this one is 'sliding-window'/],
  [{ m2m: { m2m: {} } }, /\.m2m\.m2m is not an option/],
  [{ m2m: { maxRequests: '5' } }, /\.m2m\.maxRequests .*"5" \(string\)/],
  [{ algorithm: 'concurrency', countWhen: () => true }, /\.countWhen asks what counts afterwards.*Leave it out\./],
  [{ leaseSeconds: 30 }, /\.leaseSeconds is not an option\. Known: .*windowSeconds/],
  [{ algorithm: 'concurrency', leaseSeconds: 30 }, /\.leaseSeconds is not an option/],
  [{ windowSecond: 60 }, /\.windowSecond is not an option\. Did you mean "windowSeconds"\?/],
  [{ ttl: 60 }, /\.ttl is not an option/],
  [{ cost: -1 }, /\.cost must be a whole number of at least 0, or a function, got -1/],
  [{ cost: '2' }, /\.cost must be .*"2" \(string\)/],
  [{ blockSeconds: -1 }, /\.blockSeconds .*at least 0.*got -1/],
  [{ identifier: 'email' }, /\.identifier must be .*"email" \(string\)/],
  [{ countWhen: 'failures' }, /\.countWhen must be a function/],
  [{ override: { maxRequests: 5 } }, /\.override must be a function/],
  [{ skipIf: true }, /\.skipIf must be a function/],
  [{ shadow: 'false' }, /\.shadow must be true or false.*=== 'true'/],
  [{ onStoreFailure: 'close' }, /\.onStoreFailure .*Did you mean "closed"/],
  [{ name: '' }, /\.name must be a name of 1 to 64 printable ASCII characters/],
  [{ name: 'x'.repeat(65) }, /\.name must be/],
  [{ name: 'größe' }, /\.name must be/],
  [{ name: 'a\nb' }, /\.name must be/],
];

describe.each(PLACES)('at %s (%#)', (place, write) => {
  it.each(MISTAKES)('%j is refused, with the option, the value and the fix', (policy, message) => {
    const told = refusal(() => write(policy));
    expect(told).toMatch(message);
    expect(told.startsWith(place)).toBe(true);
    expect(told).not.toContain('\n');
  });
});

describe('the options beside the policies', () => {
  it.each<[object, RegExp]>([
    [{ perIp: { maxRequests: 10 } }, /^rateLimit\.perIp\.windowSeconds must be a number above 0.*got undefined/],
    [{ perIp: { maxRequests: '10', windowSeconds: 1 } }, /^rateLimit\.perIp\.maxRequests .*Number\(\)/],
    [
      { perIp: { maxRequests: 10, windowSeconds: 1, algorithm: 'gcra' } },
      /^rateLimit\.perIp\.algorithm is not an option/,
    ],
    [{ maxKeys: 0 }, /^rateLimit\.maxKeys .*at least 1/],
    [{ maxKeys: 1e9 }, /^rateLimit\.maxKeys .*at most 50000000/],
    [{ expectedProcesses: 0.5 }, /^rateLimit\.expectedProcesses must be a whole number of at least 1/],
    [{ headers: 'standard' }, /^rateLimit\.headers must be one of/],
    [{ headers: true }, /^rateLimit\.headers must be one of/],
    [{ storage: new Map() }, /^rateLimit\.storage must be a RateLimitStorage.*lacks consume\(\)/],
    [{ singleProcess: 1 }, /^rateLimit\.singleProcess must be true or false/],
    [{ policies: [] }, /^rateLimit\.policies must be an object/],
    [{ policies: { api: null } }, /^rateLimit\.policies\.api must be an object/],
    [{ policies: { api: { name: 'other' } } }, /^rateLimit\.policies\.api\.name must be "api", its key, or left out/],
  ])('%j', (options, message) => {
    expect(refusal(() => makeLimiting(options as RateLimitOptions, false))).toMatch(message);
  });
});

describe('what several places say together', () => {
  const hour = { name: 'reports', maxRequests: 10, windowSeconds: 3600 };
  const policies = { reports: { maxRequests: 5, windowSeconds: 60 } };
  const twoWindows =
    /"reports" by sliding-window in 3600 s, and rateLimit\.policies\.reports by sliding-window in 60 s/;

  it('refuses one name with two windows, because of what has left the shorter nothing is kept for the longer', () => {
    expect(refusal(() => route(hour, { policies }))).toMatch(twoWindows);
    expect(refusal(() => byHand(hour, { policies }))).toMatch(twoWindows);
    expect(refusal(() => makeLimiting({ policies }, false).limiting.service.create(hour))).toMatch(twoWindows);
  });

  it('refuses one name with two algorithms, which would count apart', () => {
    const even: RateLimitPolicy = { name: 'reports', algorithm: 'gcra', maxRequests: 5 };
    expect(refusal(() => route(even, { policies }))).toMatch(
      /"reports" by gcra in 60 s, and .* by sliding-window in 60 s/,
    );
  });

  it('takes one name with two limits: the stricter place is refused earlier, and both count for both', async () => {
    const stricter = { name: 'reports', maxRequests: 2 };
    expect(() => route(stricter, { policies })).not.toThrow();
    const { service } = makeLimiting({ policies }, false).limiting;
    for (let call = 0; call < 3; call++) await service.consume('somebody', 'reports');
    expect(await service.isAllowed('somebody', stricter)).toBe(false);
    expect(await service.getRemaining('somebody', 'reports')).toBe(2);
  });

  it('refuses one name with limits on both sides of 1,024 in a shared store, which would count them apart', () => {
    const storage = Object.assign(new MemoryRateLimitStorage(), { shared: true });
    const many = { name: 'reports', maxRequests: 5000 };
    expect(refusal(() => route(many, { policies, storage }))).toMatch(
      /"reports" to 5000, and rateLimit.policies.reports to 5/,
    );
    expect(() => route(many, { policies })).not.toThrow();
  });

  it('refuses one counter twice in a list, of which one would be ignored; the same one written twice is one', () => {
    expect(refusal(() => route(['reports', { name: 'reports', maxRequests: 2 }], { policies }))).toMatch(
      /@RateLimit\(\) on Routes\.run asks the counter of "reports" twice.*Leave one out/,
    );
    expect(() => route(['reports', 'reports'], { policies })).not.toThrow();
  });

  it('refuses a list without a policy, and a name that no policy has, with the nearest', () => {
    expect(refusal(() => route([]))).toMatch(/must be at least one policy/);
    expect(refusal(() => byHand('report', { policies }))).toMatch(/no policy "report"\. Did you mean "reports"\?/);
  });

  it('refuses functions of the caller where nobody is calling', () => {
    const fn = (): never => {
      throw new Error('never called');
    };
    for (const key of ['override', 'skipIf', 'countWhen', 'identifier', 'cost'] as const) {
      expect(refusal(() => new RateLimiter({ [key]: fn }))).toMatch(`policy.${key} is a function of the caller`);
      expect(refusal(() => new RateLimiter({ m2m: { [key]: fn } }))).toMatch(
        `policy.m2m.${key} is a function of the caller`,
      );
    }
  });
});

describe('what a call by hand is given', () => {
  const limiter = new RateLimiter({ maxRequests: 5 });

  it.each([NaN, -1, 0.5, '1', Infinity, 1_000_000_001, null])(
    'a cost of %p is refused and charges nobody',
    async (cost) => {
      expect(refusal(() => limiter.consume('somebody', cost as number))).toMatch(/^cost must be a whole number from 0/);
      await expect(limiter.refund('somebody', cost as number)).rejects.toThrow(/^cost must be/);
      expect(await limiter.getRemaining('somebody')).toBe(5);
    },
  );

  it.each([undefined, null, 7, {}, { user: undefined }, { user: {} }, { user: 'a', ip: '203.0.113.7' }, []])(
    'the identity %j is refused: it would count everybody together, or nobody',
    (identity) => {
      expect(refusal(() => limiter.consume(identity as never))).toMatch(/^identity must be a string, \{ user \}/);
    },
  );
});
