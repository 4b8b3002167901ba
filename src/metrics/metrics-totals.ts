import type { CallerKind } from '../request/caller.js';
import type { CappedNames } from './capped-names.js';
import type { DurationTotals } from './duration-histogram.js';
import type { InvalidDurationReason } from './invalid-durations.js';
import type { MetricsState } from './metrics-state.js';

/** How many of a process's most denied identities another one sees. */
const TOP_DENIED = 10;

interface NameTotals {
  readonly counts: readonly (readonly [name: string, count: number])[];
  readonly overflowed: number;
}

/** Everything that one process has counted, as plain values that survive JSON. */
export interface MetricsTotals {
  readonly startedAtMs: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly errors: NameTotals;
  readonly durations: DurationTotals;
  readonly invalidDurations: Readonly<Record<InvalidDurationReason, number>>;
  readonly policies: readonly (readonly [policy: string, allowed: number, denied: number, shadowDenied: number])[];
  readonly policiesOverflowed: number;
  readonly callersOverflowed: number;
  /** As they may be shown, and not as they are. */
  readonly topDenied: readonly (readonly [identity: string, count: number])[];
  readonly callers: Readonly<Record<CallerKind, number>>;
  readonly auditWritten: number;
  readonly auditDropped: number;
  readonly dropReasons: NameTotals;
  readonly storeState: 'up' | 'down';
  readonly storeOutages: number;
}

export function totalsOf(state: MetricsState): MetricsTotals {
  const { durations, rateLimit } = state;
  return {
    startedAtMs: state.startedAtMs,
    succeeded: state.succeeded,
    failed: state.failed,
    errors: namesOf(state.errors),
    durations: {
      count: durations.count,
      sumMs: durations.sumMs,
      minMs: durations.minMs,
      maxMs: durations.maxMs,
      buckets: durations.occupied(),
      classicCounts: [...durations.classicCounts],
    },
    invalidDurations: { ...durations.invalid.counts },
    policies: Array.from(rateLimit.policies.entries(), ([policy, { allowed, denied, shadow_denied }]) => [
      policy,
      allowed,
      denied,
      shadow_denied,
    ]),
    policiesOverflowed: rateLimit.policies.overflowed,
    callersOverflowed: rateLimit.overflowed,
    topDenied: (rateLimit.topDenied?.top(TOP_DENIED) ?? []).map(({ identity, count }) => [identity, count]),
    callers: { ...state.callers },
    auditWritten: state.auditWritten,
    auditDropped: state.auditDropped,
    dropReasons: namesOf(state.dropReasons),
    storeState: state.storeState,
    storeOutages: state.storeOutages,
  };
}

/** Adds what another process counted. The store's state is left alone: the process may be gone. */
export function absorb(state: MetricsState, totals: MetricsTotals): void {
  state.startedAtMs = Math.min(state.startedAtMs, totals.startedAtMs);
  state.succeeded += totals.succeeded;
  state.failed += totals.failed;
  absorbNames(state.errors, totals.errors);
  state.durations.absorb(totals.durations);
  for (const [reason, count] of Object.entries(totals.invalidDurations)) {
    state.durations.invalid.counts[reason as InvalidDurationReason] += count;
  }
  const { policies, topDenied } = state.rateLimit;
  for (const [policy, allowed, denied, shadowDenied] of totals.policies) {
    const counts = slotOf(policies, policy, allowed + denied + shadowDenied);
    counts.allowed += allowed;
    counts.denied += denied;
    counts.shadow_denied += shadowDenied;
  }
  policies.overflowed += totals.policiesOverflowed;
  state.rateLimit.overflowed += totals.callersOverflowed;
  for (const [identity, count] of totals.topDenied) topDenied?.add(identity, count);
  for (const [kind, count] of Object.entries(totals.callers)) state.callers[kind as CallerKind] += count;
  state.auditWritten += totals.auditWritten;
  state.auditDropped += totals.auditDropped;
  absorbNames(state.dropReasons, totals.dropReasons);
  state.storeOutages += totals.storeOutages;
}

function namesOf(names: CappedNames<{ count: number }>): NameTotals {
  return {
    counts: Array.from(names.entries(), ([name, { count }]) => [name, count]),
    overflowed: names.overflowed,
  };
}

function absorbNames(names: CappedNames<{ count: number }>, totals: NameTotals): void {
  for (const [name, count] of totals.counts) slotOf(names, name, count).count += count;
  names.overflowed += totals.overflowed;
}

/** The slot of a name; events that have to share `_other` here are counted as such, each of them. */
function slotOf<Slot>(names: CappedNames<Slot>, name: string, events: number): Slot {
  const before = names.overflowed;
  const slot = names.slotOf(name);
  if (names.overflowed > before) names.overflowed = before + events;
  return slot;
}
