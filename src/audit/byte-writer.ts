/** An ASCII character may be written as it stands, … */
const PLAIN = 0;
/** … or unless a certain other one is in front of it, … */
const SUSPECT = 1;
/** … or its text has to be looked at more closely. */
const CARE = 2;
const KINDS = new Uint8Array(128).fill(CARE);
for (let code = 0x20; code < 0x7f; code++) KINDS[code] = PLAIN;
for (const character of '"\\=') KINDS[character.charCodeAt(0)] = CARE;
for (const character of ' -/J') KINDS[character.charCodeAt(0)] = SUSPECT;

const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
/** Up to here, a thousand times the number and its digits are exact. */
const LARGEST_COUNTED = 1_000_000_000;
const CHUNK_BYTES = 65_536;

/**
 * Writes bytes one after the other into memory of its own, in stretches that lie in one piece each. Byte by byte, because
 * most of what is written is short, and a string that is put together of fifty pieces costs more than its bytes.
 */
export class ByteWriter {
  bytes: Buffer;
  /** Where the next byte goes. */
  at = 0;
  /** Where the stretch begins. */
  from = 0;

  constructor(bytes: number | Buffer = CHUNK_BYTES) {
    this.bytes = typeof bytes === 'number' ? Buffer.allocUnsafeSlow(bytes) : bytes;
  }

  /** A new stretch. What was written before stays where it is, and is never overwritten. */
  begin(): void {
    this.from = this.at;
  }

  byte(code: number): void {
    if (this.at === this.bytes.length) this.grow(1);
    this.bytes[this.at++] = code;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array): void {
    const { length } = source;
    if (this.at + length > this.bytes.length) this.grow(length);
    this.bytes.set(source, this.at);
    this.at += length;
  }

  /** Bytes of somewhere else, however many. */
  copy(source: Buffer, from: number, to: number): void {
    if (this.at + to - from > this.bytes.length) this.grow(to - from);
    this.at += source.copy(this.bytes, this.at, from, to);
  }

  /** What was written here before, once more. */
  again(from: number, length: number): void {
    if (this.at + length > this.bytes.length) this.grow(length);
    this.bytes.copyWithin(this.at, from, from + length);
    this.at += length;
  }

  /** Text of which is known that it is ASCII. */
  ascii(text: string): void {
    const { length } = text;
    if (this.at + length > this.bytes.length) this.grow(length);
    const { bytes, at } = this;
    for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index);
    this.at = at + length;
  }

  /** A finite number, as JSON writes it. With at most three decimals, as most have, its digits are found sooner here. */
  number(value: number): void {
    const whole = Math.floor(value);
    const thousandths = Math.round(value * 1000);
    if (!(value >= 0 && value <= LARGEST_COUNTED) || thousandths / 1000 !== value) {
      this.ascii(String(value));
      return;
    }
    this.integer(whole, 1);
    let rest = thousandths - whole * 1000;
    if (rest === 0) return;
    this.byte(POINT);
    let digits = 3;
    for (; rest % 10 === 0; rest /= 10) digits--;
    this.integer(rest, digits);
  }

  /** Any text, as UTF-8. */
  utf8(text: string): void {
    if (this.at + text.length * 3 > this.bytes.length) this.grow(text.length * 3);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  /**
   * The text in quotation marks, if JSON writes it as it stands, a reader sees all of it, and nothing in it can be a
   * secret (see `Redactor`). Otherwise nothing is written, and the answer is `false`.
   */
  plain(text: string): boolean {
    const { length } = text;
    if (this.at + length + 2 > this.bytes.length) this.grow(length + 2);
    const { bytes } = this;
    let at = this.at;
    bytes[at++] = QUOTE;
    let before = 0;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      const kind = code < 128 ? KINDS[code]! : CARE;
      if (kind !== PLAIN && (kind === CARE || isSuspect(code, before))) return false;
      bytes[at++] = before = code;
    }
    bytes[at++] = QUOTE;
    this.at = at;
    return true;
  }

  /** With zeros in front of it, up to so many digits. */
  private integer(value: number, digits: number): void {
    let count = digits;
    for (let bound = 10 ** digits; value >= bound; bound *= 10) count++;
    if (this.at + count > this.bytes.length) this.grow(count);
    const { bytes } = this;
    this.at += count;
    for (let at = this.at - 1, rest = value; at >= this.at - count; at--) {
      const left = Math.floor(rest / 10);
      bytes[at] = ZERO + (rest - left * 10);
      rest = left;
    }
  }

  private grow(more: number): void {
    const { bytes, from, at } = this;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, (at - from + more) * 2));
    bytes.copy(this.bytes, 0, from, at);
    this.at = at - from;
    this.from = 0;
  }
}

/** The end of `eyJ`, `://` and `-----`, or what stands between `Bearer`, `Basic` or `DPoP` and a secret. */
function isSuspect(code: number, before: number): boolean {
  if (code === 0x4a) return before === 0x79;
  if (code !== 0x20) return code === before;
  const letter = before | 0x20;
  return letter === 0x72 || letter === 0x63 || letter === 0x70;
}
