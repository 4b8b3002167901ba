import assert from 'node:assert/strict';
import type { RateLimitCharge } from '../../rate-limit/storage.js';
import { charge, LONG_MS, one, peekOne, SHORT_MS, within, type StorageCase } from './asking.js';

/** What holds whatever the algorithm; asked with the sliding window. */
export const COMMON_CASES: Readonly<Record<string, StorageCase>> = {
  'lets through exactly the limit of a thousand calls at once, because each call is one atomic step': async (
    storage,
  ) => {
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async () => (await storage.consume('key:flood', [charge('a', 7)]))[0]!),
    );
    assert.equal(answers.filter((answer) => answer.allowed).length, 7);
  },

  'counts down what remains and refuses at zero, with the time to wait': async (storage) => {
    for (const left of [2, 1, 0]) {
      const { allowed, remaining, retryAfterMs, resetMs } = await one(storage, 'key:x', charge('a', 3));
      assert.deepEqual({ allowed, remaining, retryAfterMs }, { allowed: true, remaining: left, retryAfterMs: 0 });
      assert.ok(resetMs > 0 && resetMs <= LONG_MS);
    }
    const refused = await one(storage, 'key:x', charge('a', 3));
    assert.equal(refused.allowed, false);
    assert.equal(refused.remaining, 0);
    assert.ok(refused.retryAfterMs > 0 && refused.retryAfterMs <= LONG_MS);
  },

  'a refused call consumes nothing, however often it is repeated': async (storage, time) => {
    const short = charge('a', 1, { windowMs: SHORT_MS });
    const [identity, resetMs] = await within(SHORT_MS, time, async (key) => {
      const first = await one(storage, key, short);
      for (let i = 0; i < 20; i++) assert.equal((await one(storage, key, short)).allowed, false);
      return [key, first.resetMs] as const;
    });
    await time.advance(resetMs);
    assert.equal((await one(storage, identity, short)).allowed, true);
  },

  'waiting retryAfterMs is enough': async (storage, time) => {
    const short = charge('a', 2, { windowMs: SHORT_MS });
    const [identity, retryAfterMs] = await within(SHORT_MS, time, async (key) => {
      await one(storage, key, short);
      await time.advance(40);
      await one(storage, key, short);
      const third = await one(storage, key, short);
      assert.equal(third.allowed, false);
      return [key, third.retryAfterMs] as const;
    });
    await time.advance(retryAfterMs);
    assert.equal((await one(storage, identity, short)).allowed, true);
  },

  'charges all policies of one identity or none': async (storage) => {
    const wide = charge('wide', 10);
    const narrow = charge('narrow', 1);
    const first = await storage.consume('key:x', [wide, narrow]);
    assert.deepEqual(
      first.map((answer) => answer.remaining),
      [9, 0],
    );
    const second = await storage.consume('key:x', [wide, narrow]);
    assert.deepEqual(
      second.map((answer) => answer.allowed),
      [true, false],
    );
    assert.equal((await peekOne(storage, 'key:x', wide)).remaining, 9);
    await Promise.all(Array.from({ length: 50 }, async () => storage.consume('key:x', [wide, narrow])));
    assert.equal((await peekOne(storage, 'key:x', wide)).remaining, 9);
  },

  'a charge in shadow keeps no other from being charged, and is itself charged only if it fits': async (storage) => {
    const shadow = charge('shadow', 1, { shadow: true });
    const real = charge('real', 3);
    for (const allowed of [true, false, false]) {
      const answers = await storage.consume('key:x', [shadow, real]);
      assert.deepEqual(
        answers.map((answer) => answer.allowed),
        [allowed, true],
      );
    }
    const answers = await storage.consume('key:x', [charge('other', 5, { shadow: true }), real]);
    assert.deepEqual(
      answers.map((answer) => answer.allowed),
      [true, false],
    );
    assert.equal((await peekOne(storage, 'key:x', charge('other', 5))).remaining, 5);
  },

  'peek says what consume would, and changes nothing': async (storage) => {
    const it = charge('a', 2);
    for (let i = 0; i < 5; i++) assert.equal((await peekOne(storage, 'key:x', it)).remaining, 2);
    await one(storage, 'key:x', it);
    await one(storage, 'key:x', it);
    const { allowed, remaining, retryAfterMs } = await peekOne(storage, 'key:x', it);
    assert.deepEqual({ allowed, remaining }, { allowed: false, remaining: 0 });
    assert.ok(retryAfterMs > 0);
  },

  'a cost is charged whole or not at all; above the limit waiting cannot help': async (storage) => {
    const it = (cost: number): RateLimitCharge => charge('a', 10, { cost });
    assert.equal((await one(storage, 'key:x', it(7))).remaining, 3);
    assert.equal((await one(storage, 'key:x', it(4))).allowed, false);
    assert.equal((await one(storage, 'key:x', it(3))).remaining, 0);
    assert.equal((await one(storage, 'key:y', it(11))).retryAfterMs, Infinity);
    assert.equal((await one(storage, 'key:y', it(0))).remaining, 10);
  },

  'a limit of 0 refuses every call and never returns quota': async (storage) => {
    const { allowed, remaining, retryAfterMs, resetMs } = await one(storage, 'key:x', charge('a', 0));
    assert.deepEqual(
      { allowed, remaining, retryAfterMs, resetMs },
      { allowed: false, remaining: 0, retryAfterMs: Infinity, resetMs: Infinity },
    );
  },

  'identities and counters are told apart, also where their texts run together': async (storage) => {
    const identities = ['a:b', 'a', 'a:b:c', '', 'A:b', 'a:b ', 'ä', 'a\u0308', 'x'.repeat(300)];
    for (const identity of identities) {
      for (const counter of ['c', 'b:c', 'c:', ':c']) {
        assert.equal((await one(storage, identity, charge(counter, 1))).allowed, true, `${identity} in ${counter}`);
      }
    }
  },

  'refund gives back the charge that the receipt names': async (storage) => {
    const it = charge('a', 2);
    const first = await one(storage, 'key:x', it);
    await one(storage, 'key:x', it);
    await storage.refund('key:x', [it], [first.receipt]);
    assert.equal((await peekOne(storage, 'key:x', it)).remaining, 1);
    assert.equal((await one(storage, 'key:x', it)).allowed, true);
    assert.equal((await one(storage, 'key:x', it)).allowed, false);
  },

  'refund without a receipt gives the most recent back, and never more than was charged': async (storage) => {
    const it = charge('a', 3);
    await one(storage, 'key:x', it);
    await storage.refund('key:x', [{ ...it, cost: 5 }]);
    assert.equal((await peekOne(storage, 'key:x', it)).remaining, 3);
    await storage.refund('key:nobody', [it]);
    assert.equal((await peekOne(storage, 'key:nobody', it)).remaining, 3);
  },

  'reset forgets the named counters of one identity, or all of them': async (storage) => {
    const [a, b] = [charge('a', 1), charge('b', 1)];
    for (const identity of ['key:x', 'key:y']) await storage.consume(identity, [a, b]);
    await storage.reset('key:x', ['a']);
    assert.equal((await peekOne(storage, 'key:x', a)).remaining, 1);
    assert.equal((await peekOne(storage, 'key:x', b)).remaining, 0);
    await storage.reset('key:x');
    assert.equal((await peekOne(storage, 'key:x', b)).remaining, 1);
    assert.equal((await peekOne(storage, 'key:y', a)).remaining, 0);
  },

  'clear forgets the named counters of everybody, or everything': async (storage) => {
    const [a, b] = [charge('a', 1), charge('b', 1)];
    for (const identity of ['key:x', 'key:y']) await storage.consume(identity, [a, b]);
    await storage.clear(['a']);
    assert.equal((await peekOne(storage, 'key:y', a)).remaining, 1);
    assert.equal((await peekOne(storage, 'key:y', b)).remaining, 0);
    await storage.clear();
    assert.equal((await peekOne(storage, 'key:x', b)).remaining, 1);
  },

  'a block refuses for its time after a refusal, does not begin anew, and forgets nothing': async (storage, time) => {
    const windowMs = 3 * SHORT_MS;
    const it = charge('a', 1, { windowMs, blockMs: SHORT_MS });
    const identity = await within(windowMs, time, async (key) => {
      await one(storage, key, it);
      const refused = await one(storage, key, it);
      assert.equal(refused.allowed, false);
      await time.advance(SHORT_MS + 20);
      assert.equal((await peekOne(storage, key, it)).allowed, false);
      return key;
    });
    await storage.reset(identity, ['a']);
    assert.equal((await one(storage, identity, it)).allowed, true);
  },

  'keeps its promise at large limits, where stamps may be gathered': async (storage) => {
    const it = charge('a', 5000, { cost: 50 });
    const answers = await Promise.all(Array.from({ length: 200 }, async () => one(storage, 'key:x', it)));
    assert.equal(answers.filter((answer) => answer.allowed).length, 100);
  },

  'lets go of what has left the window': async (storage, { advance }) => {
    const it = charge('a', 3, { windowMs: SHORT_MS });
    for (let i = 0; i < 3; i++) await one(storage, 'key:x', it);
    await advance(SHORT_MS + 20);
    assert.equal((await peekOne(storage, 'key:x', it)).remaining, 3);
    assert.equal((await peekOne(storage, 'key:x', it)).resetMs, 0);
  },
};
