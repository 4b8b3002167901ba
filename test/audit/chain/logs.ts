// Logs for the tests of the verifier: written by the real sink, with real keys, cut off as a crash does it.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditReceipt } from '../../../src/audit/audit-event.js';
import type { VerifyOptions } from '../../../src/audit/chain/verify/verify-audit-log.js';
import { FileAuditSink, type FileAuditSinkOptions } from '../../../src/audit/sinks/file-audit-sink.js';
import { event } from '../support.js';

export interface LogKeys {
  readonly signingKey: string;
  readonly publicKey: string;
  readonly ratchetKey: string;
}

export function newKeys(): LogKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    ratchetKey: randomBytes(32).toString('hex'),
  };
}

/** Never due by itself: the tests say when. */
const NEVER = 86_400;

export class Log {
  readonly anchors: string[] = [];
  readonly receipts: AuditReceipt[] = [];
  sink: FileAuditSink;
  private index = 0;

  constructor(
    readonly directory: string,
    readonly keys: LogKeys,
    private readonly options: Partial<FileAuditSinkOptions> = {},
  ) {
    this.sink = this.open();
  }

  open(more: Partial<FileAuditSinkOptions> = {}): FileAuditSink {
    const { signingKey, ratchetKey } = this.keys;
    this.sink = new FileAuditSink({
      directory: this.directory,
      signingKey,
      ratchetKey,
      checkpointEvery: { records: 10, seconds: NEVER },
      onCheckpoint: (note) => void this.anchors.push(note),
      ...this.options,
      ...more,
    });
    return this.sink;
  }

  async write(count: number, atOnce = 3): Promise<void> {
    for (let left = count; left > 0; left -= atOnce) {
      const events = Array.from({ length: Math.min(atOnce, left) }, () => event(this.index++, { path: '/orders' }));
      this.receipts.push(...(await this.sink.append(events)));
    }
  }

  close(): Promise<void> {
    return this.sink.close();
  }

  /** The directory as a process that dies now leaves it, with a part of what it was about to write. */
  crash(to: string, torn = ''): Log {
    copyOf(this.directory, to);
    if (torn !== '') appendFileSync(join(to, filesOf(to, this.sink.chain).at(-1)!), torn);
    const copy = new Log(to, this.keys, this.options);
    copy.receipts.push(...this.receipts);
    copy.anchors.push(...this.anchors);
    copy.index = this.index;
    return copy;
  }

  get proof(): VerifyOptions {
    return { publicKey: this.keys.publicKey, ratchetKey: this.keys.ratchetKey };
  }
}

export function filesOf(directory: string, chain?: string): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.jsonl') && (chain === undefined || file.startsWith(`${chain}-`)))
    .toSorted();
}

export const linesOf = (directory: string, file: string): string[] =>
  readFileSync(join(directory, file), 'utf8').split('\n').slice(0, -1);

export const writeLines = (directory: string, file: string, lines: readonly string[]): void =>
  writeFileSync(join(directory, file), lines.map((line) => `${line}\n`).join(''));

/** With its times, and without what retention removes in the meantime. */
export function copyOf(directory: string, to: string): string {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [from, target] = [join(directory, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyOf(from, target);
    else tryToCopy(from, target);
  }
  return to;
}

function tryToCopy(from: string, to: string): void {
  try {
    cpSync(from, to, { preserveTimestamps: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** A line with its own right hash: what anybody can compute. */
export function rehashed(line: string, changes: Readonly<Record<string, unknown>> = {}): string {
  const { h: _h, ...record } = { ...(JSON.parse(line) as Record<string, unknown>), ...changes };
  const body = JSON.stringify(record).slice(0, -1);
  return `${body},"h":"${createHash('sha256').update(`nas-audit-v1\n${body}`).digest('base64url')}"}`;
}

/** Lines numbered and linked anew from the first on: what anybody who can write the files can do. */
export function rechained(lines: readonly string[], seq: number, prev: string): string[] {
  let link = prev;
  return lines.map((line, index) => {
    const next = rehashed(line, { seq: seq + index, prev: link });
    link = (JSON.parse(next) as { h: string }).h;
    return next;
  });
}
