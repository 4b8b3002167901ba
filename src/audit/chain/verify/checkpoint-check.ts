import type { PublicKey } from '../keys.js';
import { isSignedBy, parseNoteText, type Checkpoint } from '../note.js';
import { nextEpoch, sealOf } from '../ratchet.js';
import type { LogChain } from './log-directory.js';
import type { AuditProblem, Problems } from './problem.js';
import { where, type Placed } from './record-order.js';

/** With what the checkpoints are proved. */
export interface ProofKeys {
  readonly publicKeys: readonly PublicKey[];
  /** The key of the chain's epoch 0, if the first key of its ratchet is known. */
  readonly chainKey: Buffer | undefined;
  /** A first key was given: a chain without a ratchet is less than was asked for. */
  readonly isRatchetWanted: boolean;
}

type Finding = Pick<AuditProblem, 'class' | 'message'>;

/** Checks a chain's checkpoints: each signed, each with the ratchet's own key for it, none left out. */
export class CheckpointCheck {
  /** The last record that a proved checkpoint covers. */
  provenSeq = 0;
  /** Records behind the last checkpoint. */
  uncovered = 0;
  /** Of the next checkpoint; also how many there must have been. */
  epoch: number | undefined;
  hasEnded = false;
  private key: Buffer | undefined;
  private keyEpoch = 0;
  private problemsBefore: number;
  private isLate = false;

  constructor(
    private readonly chain: LogChain,
    private readonly keys: ProofKeys,
    private readonly problems: Problems,
    /** Whether this is the chain's first record; else earlier epochs went with earlier segments. */
    isWhole: boolean,
  ) {
    this.key = keys.chainKey;
    this.epoch = isWhole ? 0 : undefined;
    this.problemsBefore = problems.count;
  }

  get isProving(): boolean {
    return this.keys.publicKeys.length > 0 || this.keys.chainKey !== undefined;
  }

  /** Segments were removed here, by retention: their checkpoints went with them. */
  skip(): void {
    this.epoch = undefined;
    this.uncovered = 0;
  }

  /** A record that is no checkpoint. */
  count(placed: Placed): void {
    this.uncovered++;
    const { checkpointRecords, kid, ratchet } = this.chain;
    if (checkpointRecords === undefined || (kid === undefined && ratchet === undefined) || this.isLate) return;
    // The log's own records may come on top.
    if (this.uncovered <= 2 * checkpointRecords + 64) return;
    this.isLate = true;
    this.problems.add({
      class: 'missing-checkpoint',
      ...where(placed),
      message: `${this.uncovered} records without a checkpoint, which follows after ${checkpointRecords} at the latest`,
    });
  }

  /** `json` is the line of a record of type `checkpoint` or `end`. */
  check(placed: Placed, json: string): void {
    const { problems } = this;
    const problem = this.problemOf(placed, json);
    // What was wrong on the way here makes the checkpoint wrong as well: said once is enough.
    if (problem !== undefined && problems.count === this.problemsBefore) {
      problems.add({ ...where(placed), ...problem });
    }
    this.hasEnded = placed.record.type === 'end';
    this.uncovered = 0;
    this.isLate = false;
    this.problemsBefore = problems.count;
  }

  /** The key of this epoch. */
  keyOf(epoch: number): Buffer | undefined {
    if (this.keys.chainKey === undefined || epoch - this.keyEpoch > MOST_EPOCHS) return undefined;
    if (epoch < this.keyEpoch) {
      this.key = this.keys.chainKey;
      this.keyEpoch = 0;
    }
    for (; this.keyEpoch < epoch; this.keyEpoch++) this.key = nextEpoch(this.key!);
    return this.key;
  }

  private problemOf({ record }: Placed, json: string): Finding | undefined {
    const { note: text, sig, seal } = parsed(json);
    const note = typeof text === 'string' ? parseNoteText(text) : undefined;
    if (note === undefined || typeof text !== 'string') {
      // A log without keys ends with an unsigned record: that it is unsigned is said of the chain as a whole.
      return record.type === 'end' && text === undefined && this.isUnsigned
        ? undefined
        : { class: 'bad-signature', message: 'a checkpoint that is none' };
    }
    const bad =
      this.signatureProblem(text, sig) ??
      this.contentProblem(note, record.seq - 1, record.prev, record.type) ??
      this.epochProblem(note, text, seal);
    const isSigned = this.keys.publicKeys.length === 0 || sig !== undefined;
    const isSealed = this.keys.chainKey === undefined || note.epoch !== undefined;
    if (bad === undefined && this.isProving && isSigned && isSealed) this.provenSeq = record.seq;
    return bad;
  }

  private get isUnsigned(): boolean {
    return this.chain.kid === undefined && this.chain.ratchet === undefined;
  }

  private signatureProblem(text: string, sig: unknown): Finding | undefined {
    const { publicKeys } = this.keys;
    if (publicKeys.length === 0 || (sig === undefined && this.chain.kid === undefined)) return undefined;
    if (typeof sig === 'string' && isSignedBy(text, Buffer.from(sig, 'base64url'), publicKeys)) return undefined;
    const known = publicKeys.map(({ id }) => id).join(', ');
    return {
      class: 'bad-signature',
      message: `the checkpoint is not signed by ${known}${this.chain.kid === undefined ? '' : `, the chain names ${this.chain.kid}`}`,
    };
  }

  /** The signature holds: what it speaks of has changed. */
  private contentProblem(note: Checkpoint, size: number, head: string, type: string): Finding | undefined {
    const since = `since the checkpoint before (record ${size - this.uncovered})`;
    if (note.chain !== this.chain.id) return { class: 'foreign', message: `a checkpoint of the chain ${note.chain}` };
    if (note.isEnd !== (type === 'end'))
      return { class: 'bad-signature', message: 'the end is not the one that was signed' };
    if (note.size < size)
      return { class: 'inserted', message: `${size - note.size} records more ${since} than were signed` };
    if (note.size > size)
      return { class: 'missing', message: `${note.size - size} records fewer ${since} than were signed` };
    if (note.head !== head) return { class: 'edited', message: `a record ${since} is not the one that was signed` };
    return undefined;
  }

  private epochProblem(note: Checkpoint, text: string, seal: unknown): Finding | undefined {
    const expected = this.epoch;
    if (note.epoch === undefined) {
      return this.chain.ratchet === undefined
        ? undefined
        : { class: 'bad-epoch', message: 'the checkpoint is not sealed, others of the chain are' };
    }
    this.epoch = note.epoch + 1;
    if (expected !== undefined && note.epoch > expected) {
      return {
        class: 'missing-checkpoint',
        message: `epoch ${note.epoch} where ${expected} was due: checkpoints and what they covered were taken out`,
      };
    }
    if (expected !== undefined && note.epoch < expected) {
      return { class: 'bad-epoch', message: `epoch ${note.epoch} once more, ${expected} was due` };
    }
    if (this.keys.chainKey === undefined) return undefined;
    const key = this.keyOf(note.epoch);
    if (key !== undefined && seal === sealOf(key, text)) return undefined;
    return { class: 'bad-epoch', message: `not sealed with the key of epoch ${note.epoch}` };
  }
}

/** A record whose hash fits and that is no JSON all the same holds nothing. */
function parsed(json: string): { note?: unknown; sig?: unknown; seal?: unknown } {
  try {
    return JSON.parse(json) as object;
  } catch {
    return { note: null };
  }
}

/** A made-up number must not keep the verifier busy for hours. */
const MOST_EPOCHS = 100_000_000;
