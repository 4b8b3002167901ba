/** Why a duration was not taken. */
export type InvalidDurationReason = 'nan' | 'negative' | 'infinite' | 'too_large' | 'not_a_number';

/**
 * The longest duration that is believed: one day. What is longer is no validation of a token but a mistake,
 * most often a time stamp given for a duration, and one of them would spoil a mean for good.
 */
export const MAX_DURATION_MS = 86_400_000;

function invalidDurationReason(value: unknown): InvalidDurationReason {
  if (typeof value !== 'number') return 'not_a_number';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return 'infinite';
  return value < 0 ? 'negative' : 'too_large';
}

/** How many durations were not taken, by reason. */
export class InvalidDurations {
  readonly counts: Record<InvalidDurationReason, number> = {
    nan: 0,
    negative: 0,
    infinite: 0,
    too_large: 0,
    not_a_number: 0,
  };

  add(value: unknown): void {
    this.counts[invalidDurationReason(value)]++;
  }

  reset(): void {
    for (const reason of Object.keys(this.counts)) this.counts[reason as InvalidDurationReason] = 0;
  }
}
