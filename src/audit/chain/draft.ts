import { hash } from 'node:crypto';
import { ByteWriter } from '../byte-writer.js';
import type { SafeEvent } from '../safe-event.js';
import { HASH_DOMAIN, type RecordType } from './record.js';

/** So many bytes of a record are no content: at most, for an id of the usual length. */
const FRAME_BYTES = 320;
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const DOMAIN = bytesOf(HASH_DOMAIN);
const covered = new Uint8Array(DOMAIN.length);
const PREV = bytesOf(',"prev":"');
const typeOf = (type: RecordType): Uint8Array => bytesOf(`","t":"${type}",`);
const EVENT = typeOf('event');
const HASH = bytesOf(',"h":"');
const CLOSING = bytesOf('"}\n');
const OWN_BYTES = 4096;
const MOST_KEPT_BYTES = 2_097_152;

/** Where records are gathered before they are written. Used again, so that not every write has to find memory of its own. */
export class DraftMemory {
  private spare: ByteWriter | undefined;

  take(bytes: number): ByteWriter {
    const { spare } = this;
    this.spare = undefined;
    if (spare === undefined || spare.bytes.length < bytes) return new ByteWriter(bytes);
    spare.at = 0;
    return spare;
  }

  /** Nothing reads from it any more. */
  giveBack(memory: ByteWriter): void {
    if (memory.bytes.length <= MOST_KEPT_BYTES) this.spare = memory;
  }
}

/**
 * Records on their way to the disk: linked and hashed, but not yet part of the chain. They become part of it when
 * the write has succeeded; a failed write is drafted anew from the same place.
 *
 * One record is one line: `{"v":1,"chain":…,"seq":…,"prev":…,"t":…,` the content `,"h":…}`. Its hash is the SHA-256 of the
 * domain and the exact bytes before `,"h":`, base64url, 43 characters.
 */
export class Draft {
  records = 0;
  /** Where the last record's hash stands; 0 before the first of this draft. */
  private headAt = 0;

  constructor(
    private readonly opening: Uint8Array,
    /** The last record's number; 0 before the first. */
    public seq: number,
    /** The last record's hash. */
    public head: string,
    readonly memory: ByteWriter,
  ) {
    memory.raw(DOMAIN);
  }

  /** Room for these events and a few records of the log's own. */
  static bytesFor(batches: readonly (readonly SafeEvent[])[]): number {
    let bytes = OWN_BYTES;
    for (const events of batches) for (const { size } of events) bytes += size + FRAME_BYTES;
    return bytes;
  }

  /** Whatever is to be written. Good until the memory is used again. */
  get bytes(): Buffer {
    return this.memory.bytes.subarray(DOMAIN.length, this.memory.at);
  }

  /** Appends a record whose content is this JSON object; its keys must be none of the record's own. */
  add(type: RecordType, json: string): void {
    const start = this.open(typeOf(type));
    if (json.length > 2) this.memory.utf8(json.slice(1, -1));
    else this.memory.at--;
    this.close(start);
  }

  addEvent({ bytes, from, to }: SafeEvent): void {
    const start = this.open(EVENT);
    this.memory.copy(bytes, from, to);
    this.close(start);
  }

  /** Answers where the record begins. */
  private open(type: Uint8Array): number {
    const { memory, headAt } = this;
    const start = memory.at;
    memory.raw(this.opening);
    memory.number(this.seq + 1);
    memory.raw(PREV);
    if (headAt > 0) memory.again(headAt, this.head.length);
    else memory.ascii(this.head);
    memory.raw(type);
    return start;
  }

  private close(start: number): void {
    const { memory } = this;
    const { bytes, at } = memory;
    // Hashed with the domain in front of it, which takes the place of the record before for a moment.
    const from = start - DOMAIN.length;
    for (let index = 0; index < DOMAIN.length; index++) {
      covered[index] = bytes[from + index]!;
      bytes[from + index] = DOMAIN[index]!;
    }
    this.head = hash('sha256', bytes.subarray(from, at), 'base64url');
    for (let index = 0; index < DOMAIN.length; index++) bytes[from + index] = covered[index]!;
    memory.raw(HASH);
    this.headAt = memory.at;
    memory.ascii(this.head);
    memory.raw(CLOSING);
    this.seq++;
    this.records++;
  }
}
