/** What a record is: an application's event, or one of the log's own. */
export type RecordType =
  'event' | 'start' | 'config' | 'recover' | 'segment' | 'gap' | 'checkpoint' | 'prune' | 'seal' | 'end';

/** Version of the record format. */
export const RECORD_VERSION = 1;
/** Hashed in front of each record, so that a hash made for something else is none of ours. */
export const HASH_DOMAIN = 'nas-audit-v1\n';
/** `prev` of a chain's first record: 32 zero bytes, base64url. */
export const GENESIS = 'A'.repeat(43);

/** How every line of a chain begins, up to its number. */
export const openingOf = (chain: string): string => `{"v":${RECORD_VERSION},"chain":${JSON.stringify(chain)},"seq":`;
