import { callable, list, secret, shape, string, type Check } from '../../../options/check.js';
import { OptionsError } from '../../../options/options-error.js';
import type { AuditReceipt } from '../../audit-event.js';
import { publicKeysOf, ratchetKeyOf } from '../keys.js';
import { isSignedBy, parseNote } from '../note.js';
import { chainKey, lineKey, nextGeneration } from '../ratchet.js';
import { judgeEnd } from './chain-end.js';
import { ChainVerifier, type ChainContext } from './chain-verifier.js';
import { crossCheck } from './cross-check.js';
import { EvidenceBook } from './evidence.js';
import { readLogDirectory, type LogChain, type LogDirectory } from './log-directory.js';
import { Problems, type AuditProblem } from './problem.js';

/** With what a log is verified, and what it must hold. */
export interface VerifyOptions {
  /** The public key of `FileAuditSinkOptions.signingKey`, in PEM; of several, one after the other. */
  publicKey?: string | Buffer | undefined;
  /** The ratchet's first key, which no host keeps: proves that nothing before a theft of keys was changed. */
  ratchetKey?: string | Buffer | undefined;
  /** What `AuditLogger.append` has answered: proves that these events are there, also where a crash has cut the log. */
  receipts?: readonly AuditReceipt[] | undefined;
  /** What `FileAuditSinkOptions.onCheckpoint` was handed. */
  anchors?: readonly string[] | undefined;
  /** Chains (`web-1.5f0c…`) or instances (`web-1`) that must be there. */
  chains?: readonly string[] | undefined;
  /** Called now and then with the number of records that were read. */
  onProgress?: ((records: number) => void) | undefined;
}

/** One chain of a directory, as far as it could be followed. */
export interface VerifiedChain {
  readonly id: string;
  readonly records: number;
  readonly lastSeq: number;
  /** Ended in order. */
  readonly ended: boolean;
  /** So many records behind the last one may be missing; 0 where the end is proved. */
  readonly possiblyMissing: number;
}

/** What `verifyAuditLog` found. */
export interface AuditVerification {
  /**
   * `clean`: signed, whole, and its end is proved. `tampered`: somebody has changed it. `incomplete`: nothing contradicts
   * it, but its end or its signatures are not proved.
   */
  readonly verdict: 'clean' | 'tampered' | 'incomplete';
  /** Tampering first. */
  readonly problems: readonly AuditProblem[];
  readonly chains: readonly VerifiedChain[];
}

const PROGRESS_EVERY = 65_536;

const receipt: Check = (value, path) => {
  const { chain, seq, hash } = (value ?? {}) as Record<string, unknown>;
  if (typeof chain === 'string' && Number.isSafeInteger(seq) && typeof hash === 'string') return;
  throw new OptionsError('ERR_AUTH_SERVICES_OPTION_TYPE', `${path} must be a receipt: { chain, seq, hash }.`);
};

const checkVerifyOptions = shape<VerifyOptions>({
  publicKey: secret(32),
  ratchetKey: secret(32),
  receipts: list(receipt),
  anchors: list(string),
  chains: list(string),
  onProgress: callable,
});

/**
 * Reads the log of a {@link FileAuditSink}, or a copy of it, and says whether anybody has changed it, where, and how.
 * Its memory is the same whatever the size of the log.
 *
 * @throws OptionsError if an option is wrong; an error of the file system if the directory cannot be read.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 *
 * const { verdict, problems } = await verifyAuditLog('/var/log/app/audit', {
 *   publicKey: await readFile('audit-signing.pub.pem'),
 * });
 * if (verdict === 'tampered') console.error(problems[0]?.message);
 * ```
 */
export async function verifyAuditLog(directory: string, options: VerifyOptions = {}): Promise<AuditVerification> {
  string(directory, 'verifyAuditLog.directory');
  checkVerifyOptions(options, 'verifyAuditLog');
  return new Verification(await readLogDirectory(directory), options).run();
}

class Verification {
  private readonly problems = new Problems();
  private readonly evidence = new EvidenceBook();
  private readonly publicKeys;
  private readonly firstKey;
  private records = 0;

  constructor(
    private readonly log: LogDirectory,
    private readonly options: VerifyOptions,
  ) {
    const { publicKey, ratchetKey } = options;
    this.publicKeys = publicKey === undefined ? [] : publicKeysOf(publicKey, 'verifyAuditLog.publicKey');
    this.firstKey = ratchetKey === undefined ? undefined : ratchetKeyOf(ratchetKey, 'verifyAuditLog.ratchetKey');
  }

  async run(): Promise<AuditVerification> {
    const { log, problems, options } = this;
    this.collectEvidence();
    const read = new Map<string, ChainVerifier>();
    const chains: VerifiedChain[] = [];
    for (const chain of log.chains) {
      const context = this.contextOf(chain);
      const verifier = new ChainVerifier(chain, context);
      await verifier.run();
      read.set(chain.id, verifier);
      const possiblyMissing = judgeEnd(chain, verifier, context);
      const { records, order, checkpoints } = verifier;
      chains.push({ id: chain.id, records, lastSeq: order.seq, ended: checkpoints.hasEnded, possiblyMissing });
    }
    const expected = options.chains ?? [];
    crossCheck({ log, read, evidence: this.evidence, expected, lineKey: (line) => this.lineKey(line), problems });
    options.onProgress?.(this.records);
    const verdict = problems.isTampered ? 'tampered' : problems.count > 0 ? 'incomplete' : 'clean';
    return { verdict, problems: problems.list(), chains };
  }

  private contextOf(chain: LogChain): ChainContext {
    const { problems, evidence, log } = this;
    return {
      problems,
      evidence: evidence.of(chain.id),
      recoveries: log.recoveries.filter(({ of }) => of === chain.id),
      removed: (file) => log.removed.get(file),
      keys: {
        publicKeys: this.publicKeys,
        chainKey: this.chainKey(chain),
        isRatchetWanted: this.firstKey !== undefined,
      },
      onRecord: () => {
        if (++this.records % PROGRESS_EVERY === 0) this.options.onProgress?.(this.records);
      },
    };
  }

  private lineKey(line: string): Buffer | undefined {
    return this.firstKey === undefined ? undefined : lineKey(this.firstKey, line);
  }

  private chainKey({ id, ratchet }: LogChain): Buffer | undefined {
    if (ratchet === undefined || ratchet.generation > MOST_GENERATIONS) return undefined;
    let key = this.lineKey(ratchet.line);
    if (key === undefined) return undefined;
    for (let generation = 0; generation < ratchet.generation; generation++) key = nextGeneration(key);
    return chainKey(key, id);
  }

  private collectEvidence(): void {
    const { evidence, log, options } = this;
    for (const { id, previous } of log.chains) {
      if (previous === undefined) continue;
      const { chain, seq, head } = previous;
      evidence.add(chain, { seq, hash: head, source: `the start of ${id}`, kind: 'chain' });
    }
    for (const { by, of, lastSeq, head } of log.recoveries) {
      if (lastSeq > 0) evidence.add(of, { seq: lastSeq, hash: head, source: `the start of ${by}`, kind: 'chain' });
    }
    for (const [index, { chain, seq, hash }] of (options.receipts ?? []).entries()) {
      evidence.add(chain, { seq, hash, source: `receipt ${index + 1}`, kind: 'receipt' });
    }
    for (const [index, anchor] of (options.anchors ?? []).entries()) this.addAnchor(anchor, index);
  }

  private addAnchor(anchor: string, index: number): void {
    const note = parseNote(anchor);
    if (note === undefined) {
      throw new OptionsError(
        'ERR_AUTH_SERVICES_OPTION_RANGE',
        `verifyAuditLog.anchors[${index}] must be a note as onCheckpoint was handed it, with its line breaks.`,
      );
    }
    const { checkpoint, signature, text } = note;
    const source = `anchor ${index + 1}`;
    if (this.publicKeys.length > 0 && signature !== undefined && !isSignedBy(text, signature, this.publicKeys)) {
      const message = `${source} of the chain ${checkpoint.chain} is not signed by the public key`;
      this.problems.add({ class: 'bad-signature', file: '', line: 0, seq: checkpoint.size, message });
    }
    const { chain, size, head } = checkpoint;
    this.evidence.add(chain, { seq: size, hash: head, source, kind: 'anchor' });
    // It was handed out when its own record was on the disk.
    this.evidence.add(chain, { seq: size + 1, hash: undefined, source, kind: 'anchor' });
  }
}

const MOST_GENERATIONS = 1_000_000;
