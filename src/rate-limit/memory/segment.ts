import { COUNT, FREED, HASH_0, HASH_1, ID_MASK, RECORD_WORDS, TAG } from './record-layout.js';

const FIRST_SLOTS = 8;
const FIRST_RECORDS = 4;
const MAX_RECORDS = 65_535;
const EMPTY = new Int32Array(0);

/** Where the search for a record begins: its low bits choose the slot, its high ones are kept in the slot as a mark. */
function homeOf(h0: number, id: number): number {
  return h0 ^ Math.imul(id, 0x9e3779b1);
}

/**
 * A small hash table with linear probing, for the keys whose second hash ends in certain bits. A slot is one word: 16
 * bits of mark, 16 bits of the record's number plus one, 0 for an empty slot. Records stay where they are for as long
 * as the segment lives.
 */
export class Segment {
  /** Records in use. */
  live = 0;
  /** Records that have ever been in use. */
  used = 0;
  records = EMPTY;
  private slots = EMPTY;
  private free = -1;
  private floats: Float64Array | undefined;

  /** @param depth How many bits of the second hash its keys share. @param bits Which. */
  constructor(
    readonly depth = 0,
    readonly bits = 0,
  ) {}

  /** A new segment with what these hold of the keys that end so. */
  static of(sources: readonly Segment[], depth: number, bits: number): Segment {
    const segment = new Segment(depth, bits);
    const mask = (1 << depth) - 1;
    const belongs = ({ records }: Segment, record: number): boolean =>
      records[record + TAG] !== FREED && (records[record + HASH_1]! & mask) === bits;
    let live = 0;
    for (const source of sources) {
      for (let record = 0; record < source.used * RECORD_WORDS; record += RECORD_WORDS) {
        if (belongs(source, record)) live++;
      }
    }
    if (live === 0) return segment;
    segment.records = new Int32Array(roomFor(live) * RECORD_WORDS);
    for (const source of sources) {
      for (let record = 0; record < source.used * RECORD_WORDS; record += RECORD_WORDS) {
        if (!belongs(source, record)) continue;
        const to = segment.used++ * RECORD_WORDS;
        for (let word = 0; word < RECORD_WORDS; word++) segment.records[to + word] = source.records[record + word]!;
      }
    }
    segment.live = live;
    let slots = FIRST_SLOTS;
    while (live * 4 > slots * 3) slots *= 2;
    segment.slots = new Int32Array(slots);
    segment.placeAll();
    return segment;
  }

  /** The records as 64-bit floats: see `realOf`. */
  get reals(): Float64Array {
    const { buffer } = this.records;
    if (this.floats?.buffer !== buffer) this.floats = new Float64Array(buffer);
    return this.floats;
  }

  /** Where the record begins in {@link records}; -1 if there is none. */
  find(h0: number, h1: number, id: number): number {
    const { slots, records } = this;
    const home = homeOf(h0, id);
    const mask = slots.length - 1;
    if (mask < 0) return -1;
    for (let i = home & mask; ; i = (i + 1) & mask) {
      const slot = slots[i]!;
      if (slot === 0) return -1;
      if ((slot ^ home) >>> 16 !== 0) continue;
      const record = ((slot & 0xffff) - 1) * RECORD_WORDS;
      if (
        records[record + HASH_0] === h0 &&
        records[record + HASH_1] === h1 &&
        (records[record + TAG]! & ID_MASK) === id
      )
        return record;
    }
  }

  /** Adds an empty record for a key that is not there. */
  insert(h0: number, h1: number, id: number): number {
    if ((this.live + 1) * 4 > this.slots.length * 3) this.growSlots();
    const number = this.takeNumber();
    const record = number * RECORD_WORDS;
    const { records } = this;
    records[record + HASH_0] = h0;
    records[record + HASH_1] = h1;
    records[record + TAG] = id;
    for (let word = COUNT; word < RECORD_WORDS; word++) records[record + word] = 0;
    this.live++;
    this.place(homeOf(h0, id), number);
    return record;
  }

  /** Takes the record out; its log must have been emptied. */
  remove(record: number): void {
    const { slots, records } = this;
    const mask = slots.length - 1;
    const number = record / RECORD_WORDS;
    let hole = homeOf(records[record + HASH_0]!, records[record + TAG]! & ID_MASK) & mask;
    while ((slots[hole]! & 0xffff) !== number + 1) hole = (hole + 1) & mask;
    // Whoever was pushed past the hole moves back into it, so that no search ends too early (Knuth 6.4, algorithm R).
    for (let i = (hole + 1) & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const other = ((slots[i]! & 0xffff) - 1) * RECORD_WORDS;
      const home = homeOf(records[other + HASH_0]!, records[other + TAG]! & ID_MASK) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      slots[hole] = slots[i]!;
      hole = i;
    }
    slots[hole] = 0;
    records[record + HASH_0] = this.free;
    records[record + TAG] = FREED;
    this.free = number;
    this.live--;
  }

  /** Three quarters of the records it once had are gone, and enough to be worth it. */
  get isSparse(): boolean {
    return this.used > 64 && this.live * 4 <= this.used;
  }

  private takeNumber(): number {
    const { free } = this;
    if (free >= 0) {
      this.free = this.records[free * RECORD_WORDS + HASH_0]!;
      return free;
    }
    const number = this.used;
    if (number === MAX_RECORDS) throw new RangeError('A segment of the rate-limit table is full.');
    if ((number + 1) * RECORD_WORDS > this.records.length) {
      const grown = new Int32Array(roomFor(number + 1) * RECORD_WORDS);
      grown.set(this.records);
      this.records = grown;
    }
    this.used = number + 1;
    return number;
  }

  private growSlots(): void {
    this.slots = new Int32Array(Math.max(FIRST_SLOTS, this.slots.length * 2));
    this.placeAll();
  }

  private placeAll(): void {
    const { records } = this;
    for (let number = 0; number < this.used; number++) {
      const record = number * RECORD_WORDS;
      const tag = records[record + TAG]!;
      if (tag !== FREED) this.place(homeOf(records[record + HASH_0]!, tag & ID_MASK), number);
    }
  }

  private place(home: number, number: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let i = home & mask;
    while (slots[i] !== 0) i = (i + 1) & mask;
    slots[i] = (home & 0xffff0000) | (number + 1);
  }
}

/**
 * A power of two, or one and a half of one: each growth copies what is there and leaves the old memory to the collector,
 * so they are few, and a third of the room is unused at most.
 */
function roomFor(records: number): number {
  let room = FIRST_RECORDS;
  while (room < records) room *= 2;
  const less = (room * 3) / 4;
  return room > FIRST_RECORDS && less >= records ? less : room;
}
