// A checker of chains that shares no code with the writer: it knows the format from its description only.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CheckedRecord {
  readonly inFile: string;
  readonly line: string;
  readonly seq: number;
  readonly t: string;
  readonly h: string;
  readonly metadata?: unknown;
  readonly [field: string]: unknown;
}

export interface Checked {
  readonly problems: readonly string[];
  readonly records: readonly CheckedRecord[];
  readonly events: readonly CheckedRecord[];
}

/** Checks one chain, or the only one there is. */
export function checkChain(directory: string, chain?: string): Checked {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.jsonl') && (chain === undefined || file.startsWith(`${chain}-`)))
    .toSorted();
  const problems: string[] = [];
  const records: CheckedRecord[] = [];
  let prev = 'A'.repeat(43);
  for (const file of files) {
    const text = readFileSync(join(directory, file), 'utf8');
    if (text !== '' && !text.endsWith('\n')) problems.push(`${file}: torn line`);
    for (const line of text.split('\n').slice(0, -1)) {
      const match =
        /^(\{"v":1,"chain":"([^"]+)","seq":(\d+),"prev":"([\w-]{43})","t":"(\w+)".*),"h":"([\w-]{43})"\}$/.exec(line);
      if (match === null) {
        problems.push(`${file}: no record: ${line.slice(0, 80)}`);
        continue;
      }
      const [, body, id, seq, link, t, h] = match as unknown as string[];
      const hash = createHash('sha256').update(`nas-audit-v1\n${body}`, 'utf8').digest('base64url');
      if (hash !== h) problems.push(`${file}: seq ${seq}: edited`);
      if (link !== prev) problems.push(`${file}: seq ${seq}: broken link`);
      if (Number(seq) !== records.length + 1) problems.push(`${file}: seq ${seq} after ${records.length}`);
      if (!file.startsWith(`${id}-`)) problems.push(`${file}: foreign chain ${id}`);
      prev = h!;
      records.push({ ...(JSON.parse(line) as object), inFile: file, line, seq: Number(seq), t: t!, h: h! });
    }
  }
  return { problems, records, events: records.filter(({ t }) => t === 'event') };
}
