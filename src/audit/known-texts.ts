import type { ByteWriter } from './byte-writer.js';

const MOST_TEXTS = 256;
const LONGEST_TEXT = 256;
/** So many texts that had no room make room for those of now. */
const MOST_STRANGERS = 4096;

/**
 * Texts of one field that come again and again, such as the route or the user agent, as they were written: to copy
 * bytes costs less than to look at each character. Whoever sends ever new ones displaces none of them for long.
 */
export class KnownTexts {
  private readonly known = new Map<string, Uint8Array>();
  private strangers = 0;

  /** The field with this text, if it was written before. */
  get(text: string): Uint8Array | undefined {
    return this.known.get(text);
  }

  /** What was written of the field with this text, from here on. */
  add(text: string, { bytes, at }: ByteWriter, from: number): void {
    if (text.length > LONGEST_TEXT) return;
    if (this.known.size < MOST_TEXTS) this.known.set(text, Uint8Array.prototype.slice.call(bytes, from, at));
    else if (++this.strangers === MOST_STRANGERS) this.forget();
  }

  private forget(): void {
    this.known.clear();
    this.strangers = 0;
  }
}
