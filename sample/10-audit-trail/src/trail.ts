import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAuditLog, type AuditReceipt, type AuditVerification } from 'nestjs-auth-services';
import type { TrailKeys } from './keys.js';

/** What somebody who can write the files does to them: the lines of the log before, and after. */
export const ATTACKS: Readonly<Record<string, (lines: string[]) => string[]>> = {
  edit: (lines) => lines.map((line) => line.replace('"amount":40', '"amount":4')),
  remove: (lines) => lines.filter((line) => !line.includes('"amount":40')),
  cut: (lines) =>
    lines.slice(
      0,
      lines.findIndex((line) => line.includes('"amount":40')),
    ),
};

/** The verifier's side: on a machine of its own, with what was handed to it over time. */
export class Trail {
  readonly receipts: AuditReceipt[] = [];
  readonly anchors: string[] = [];

  constructor(
    private readonly directory: string,
    private readonly keys: TrailKeys,
  ) {}

  verify(directory = this.directory): Promise<AuditVerification> {
    const { publicKey, ratchetKey } = this.keys;
    const { receipts, anchors } = this;
    return verifyAuditLog(directory, { publicKey, ratchetKey, receipts, anchors });
  }

  /** Tampers with a copy and verifies it. */
  async verifyAfter(attack: (lines: string[]) => string[]): Promise<AuditVerification> {
    const copy = await mkdtemp(join(tmpdir(), 'audit-trail-copy-'));
    try {
      await cp(this.directory, copy, { recursive: true });
      for (const file of (await readdir(copy)).filter((name) => name.endsWith('.jsonl'))) {
        const lines = (await readFile(join(copy, file), 'utf8')).split('\n').slice(0, -1);
        await writeFile(
          join(copy, file),
          attack(lines)
            .map((line) => `${line}\n`)
            .join(''),
        );
      }
      return await this.verify(copy);
    } finally {
      await rm(copy, { recursive: true });
    }
  }
}
