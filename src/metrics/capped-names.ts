import { MAX_NAME_LENGTH } from './metrics.options.js';

/** Where everything beyond the cap is counted. */
const OTHER = '_other';
/** What a name that is none (empty, or not a string) is counted as: Prometheus reads an empty label as no label. */
const UNKNOWN = 'unknown';

/**
 * One slot for each name, and a bound on how many there can be, because names come from outside: reserved names always
 * have theirs, the first `maxOthers` others get one, and the rest share `_other`. (A cap that is first come, first
 * served can be filled with made-up names until the real ones are no longer seen.)
 */
export class CappedNames<Slot> {
  private readonly slots = new Map<string, Slot>();
  private others = 0;
  /** How often a name had to share `_other`. */
  overflowed = 0;

  constructor(
    private readonly reserved: readonly string[],
    private readonly maxOthers: number,
    private readonly create: (name: string) => Slot,
  ) {
    this.reserve();
  }

  /** Never fails, whatever the name is. Constant time for a name that was seen before. */
  slotOf(name: string): Slot {
    return this.slots.get(name) ?? this.admit(cleanName(name));
  }

  /** Reserved names first, each group in the order of arrival. */
  entries(): IterableIterator<[string, Slot]> {
    return this.slots.entries();
  }

  /** Forgets all names but the reserved ones. */
  reset(): void {
    this.slots.clear();
    this.others = 0;
    this.overflowed = 0;
    this.reserve();
  }

  private reserve(): void {
    for (const name of this.reserved) this.add(name);
  }

  private admit(name: string): Slot {
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    if (name !== OTHER) {
      if (this.others < this.maxOthers) {
        this.others++;
        return this.add(name);
      }
      this.overflowed++;
    }
    return this.slots.get(OTHER) ?? this.add(OTHER);
  }

  private add(name: string): Slot {
    const slot = this.create(name);
    this.slots.set(name, slot);
    return slot;
  }
}

/**
 * A name as a label can carry it. Through UTF-8 and back: lone surrogates become U+FFFD here and not on the way out,
 * where two names could become one series; and a short name cut from a long string no longer keeps that string alive.
 */
export function cleanName(name: unknown): string {
  if (typeof name !== 'string' || name === '') return UNKNOWN;
  return Buffer.from(name.slice(0, MAX_NAME_LENGTH), 'utf8').toString('utf8');
}
