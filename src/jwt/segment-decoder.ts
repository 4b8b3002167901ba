import { isUtf8 } from 'node:buffer';

/** What decoders write in the place of bytes that are not UTF-8; it may also have been meant. */
const REPLACEMENT = '\uFFFD';

/** Turns the base64url of a header or payload into its text. Keeps one piece of memory for all of them. */
export class SegmentDecoder {
  private readonly bytes: Buffer;

  /** `maxLength`: the longest segment that will come. */
  constructor(maxLength: number) {
    this.bytes = Buffer.alloc(Math.ceil((maxLength * 3) / 4) + 3);
  }

  /** `undefined` if the bytes are not UTF-8, which every reader would repair in its own way. */
  decode(segment: string): string | undefined {
    const length = this.bytes.write(segment, 'base64url');
    const text = this.bytes.toString('utf8', 0, length);
    if (text.includes(REPLACEMENT) && !isUtf8(this.bytes.subarray(0, length))) return undefined;
    return text;
  }
}
