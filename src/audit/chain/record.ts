import * as crypto from 'node:crypto';

/** What a record is: an application's event, or one of the log's own. */
export type RecordType =
  'event' | 'start' | 'config' | 'recover' | 'segment' | 'gap' | 'checkpoint' | 'prune' | 'seal' | 'end';

/** Version of the record format. */
export const RECORD_VERSION = 1;
/** Hashed in front of each record, so that a hash made for something else is none of ours. */
export const HASH_DOMAIN = 'nas-audit-v1\n';
/** `prev` of a chain's first record: 32 zero bytes, base64url. */
export const GENESIS = 'A'.repeat(43);

// Twice as fast as createHash, and there from Node 20.12.
const oneShot = (crypto as { hash?: typeof crypto.hash }).hash;

/** SHA-256 of the domain and the exact bytes of a record before `,"h":`, base64url, 43 characters. */
const hashRecord: (body: string) => string =
  typeof oneShot === 'function'
    ? (body) => oneShot('sha256', HASH_DOMAIN + body, 'base64url')
    : (body) => crypto.createHash('sha256').update(HASH_DOMAIN).update(body).digest('base64url');

/**
 * Records on their way to the disk: linked and hashed, but not yet part of the chain. They become part of it when
 * the write has succeeded; a failed write is drafted anew from the same place.
 *
 * One record is one line: `{"v":1,"chain":…,"seq":…,"prev":…,"t":…,` the content `,"h":…}`.
 */
export class Draft {
  text = '';
  records = 0;
  private readonly opening: string;

  constructor(
    chain: string,
    /** The last record's number; 0 before the first. */
    public seq: number,
    /** The last record's hash. */
    public head: string,
  ) {
    this.opening = `{"v":${RECORD_VERSION},"chain":${JSON.stringify(chain)},"seq":`;
  }

  /** Appends a record whose content is this JSON object; its keys must be none of the record's own. */
  add(type: RecordType, json: string): void {
    const seq = this.seq + 1;
    const content = json.length > 2 ? `,${json.slice(1, -1)}` : '';
    const body = `${this.opening}${seq},"prev":"${this.head}","t":"${type}"${content}`;
    const hash = hashRecord(body);
    this.text += `${body},"h":"${hash}"}\n`;
    this.seq = seq;
    this.head = hash;
    this.records++;
  }
}
