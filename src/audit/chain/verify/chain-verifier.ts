import { createHash } from 'node:crypto';
import { HEADROOM, lineBlocks, type LineBlock } from '../line-blocks.js';
import { hashLine, readLine } from '../record-line.js';
import { openingOf } from '../record.js';
import type { Removed } from '../retention.js';
import { segmentName } from '../segment.js';
import { CheckpointCheck, type ProofKeys } from './checkpoint-check.js';
import type { Evidence } from './evidence.js';
import { bytesFrom, type LogChain, type LogSegment, type Recovery } from './log-directory.js';
import type { AuditProblem, Problems } from './problem.js';
import { RecordOrder, where, type Placed } from './record-order.js';

const LF = 0x0a;
const MOST_JSONS = 128;
/** A torn write is never larger. */
const MOST_TORN = 67_108_864;

/** What the rest of the log says of a chain. */
export interface ChainContext {
  readonly keys: ProofKeys;
  readonly evidence: readonly Evidence[];
  readonly recoveries: readonly Recovery[];
  /** Names what retention has removed, wherever it says so. */
  readonly removed: (file: string) => Removed | undefined;
  readonly problems: Problems;
  readonly onRecord: () => void;
}

/** Reads one chain from its first record to its last. */
export class ChainVerifier {
  records = 0;
  readonly order: RecordOrder;
  readonly checkpoints: CheckpointCheck;
  last: Placed | undefined;
  /** Ends in the middle of a line, and no later chain says why. */
  torn: { readonly file: string; readonly line: number } | undefined;
  private readonly opening: string;
  private nextEvidence = 0;
  /** The log's own records in full, those that wait for their place too. */
  private readonly jsons = new Map<number, string>();
  /** Where the segment in hand begins, and where the one before ended. */
  private segment: LogSegment | undefined;
  private before: { readonly segment: LogSegment; readonly lines: number } | undefined;
  private beginsAnywhere = false;
  private sealed: { readonly file: string } | undefined;

  constructor(
    private readonly chain: LogChain,
    private readonly context: ChainContext,
  ) {
    this.opening = openingOf(chain.id);
    this.checkpoints = new CheckpointCheck(chain, context.keys, context.problems, chain.segments[0]!.no === 1);
    this.order = new RecordOrder(
      context.problems,
      (placed) => this.onRecord(placed),
      (placed, from) => this.missingBefore(placed, from),
    );
  }

  async run(): Promise<void> {
    for (const segment of this.chain.segments) {
      this.segment = segment;
      this.skipRemoved(segment.no);
      const lines = await this.readSegment(segment);
      this.before = { segment, lines };
    }
    this.order.finish();
    this.checkEvidence(Infinity);
  }

  /** Goes on behind what retention has removed. */
  private skipRemoved(no: number): void {
    if (no - 1 === (this.before?.segment.no ?? 0)) return;
    const gone = this.context.removed(segmentName(this.chain.id, no - 1));
    if (gone === undefined) return;
    if (gone.lastSeq !== null && gone.head !== null) this.order.begin(gone.lastSeq, gone.head);
    // Retention could not read what it removed: the rest is taken as it is.
    else this.beginsAnywhere = true;
    this.checkpoints.skip();
  }

  private async readSegment(segment: LogSegment): Promise<number> {
    const cutAt = await this.declaredEnd(segment);
    let line = 0;
    for await (const block of lineBlocks(segment.path)) {
      for (let from = block.from; from < block.to;) {
        if (block.offset + from - HEADROOM >= cutAt) return line;
        line++;
        const to = block.isTorn ? block.to : block.bytes.indexOf(LF, from);
        if (block.isTorn) this.onTorn(segment, line);
        else this.readRecord(block, from, to, segment.file, line);
        from = to + 1;
      }
    }
    return line;
  }

  private readRecord({ bytes }: LineBlock, from: number, to: number, file: string, line: number): void {
    const { problems } = this.context;
    const record = readLine(bytes, from, to, this.chain.id, this.opening);
    if (record === undefined || !Number.isSafeInteger(record.seq)) {
      problems.add({ class: 'edited', file, line, message: 'this line is no record' });
      this.order.broken();
      return;
    }
    if (record.chain !== this.chain.id) {
      const { chain, seq } = record;
      problems.add({ class: 'foreign', file, line, seq, message: `a record of the chain ${chain}` });
      return;
    }
    const isControl = record.type !== 'event';
    // Before the hash, which overwrites what is in front of the line, not the line.
    let json = isControl ? bytes.toString('utf8', from, to) : '';
    if (hashLine(bytes, from, to) !== record.hash) {
      problems.add({ class: 'edited', file, line, seq: record.seq, message: `record ${record.seq} has been changed` });
      this.order.broken();
      json = '';
    }
    if (json !== '') this.jsons.set(record.seq, json);
    if (this.beginsAnywhere) this.order.begin(record.seq - 1, record.prev);
    this.beginsAnywhere = false;
    this.order.take({ record, file, line });
    if (this.jsons.size > MOST_JSONS) this.jsons.clear();
  }

  private onRecord(placed: Placed): void {
    const { record, file } = placed;
    const json = this.jsons.get(record.seq) ?? '';
    this.jsons.delete(record.seq);
    this.records++;
    this.context.onRecord();
    if (this.checkpoints.hasEnded || this.sealed?.file === file) {
      const what = this.checkpoints.hasEnded ? 'chain' : 'segment';
      this.context.problems.add({ class: 'inserted', ...where(placed), message: `behind the end of the ${what}` });
    }
    this.last = placed;
    this.checkEvidence(record.seq);
    if (record.type === 'checkpoint' || record.type === 'end') this.checkpoints.check(placed, json);
    else this.checkpoints.count(placed);
    if (record.type === 'seal') this.sealed = { file };
  }

  private missingBefore(placed: Placed, from: number): AuditProblem {
    const { file, line, record } = placed;
    const range = record.seq - 1 === from ? `record ${from} is` : `records ${from} to ${record.seq - 1} are`;
    const { segment, before } = this;
    if (line > 1 || segment === undefined || file !== segment.file) {
      return { class: 'missing', ...where(placed), message: `${range} missing in front of this one` };
    }
    if (before !== undefined && before.segment.no === segment.no - 1) {
      const { segment: cut, lines } = before;
      return { class: 'cut-tail', file: cut.file, line: lines, seq: from, message: `${range} missing at the end` };
    }
    const gone =
      before === undefined ? 'the segments before it' : `the segments ${before.segment.no + 1} to ${segment.no - 1}`;
    return { class: 'missing-segment', ...where(placed), message: `${range} missing: ${gone} are not there` };
  }

  private checkEvidence(upTo: number): void {
    const { evidence, problems } = this.context;
    for (; this.nextEvidence < evidence.length && evidence[this.nextEvidence]!.seq <= upTo; this.nextEvidence++) {
      const { seq, hash, source } = evidence[this.nextEvidence]!;
      if (seq === upTo && hash !== undefined && hash !== this.order.hash) {
        const place = this.last === undefined ? { file: '', line: 0 } : where(this.last);
        problems.add({ class: 'edited', ...place, seq, message: `record ${seq} is not the one that ${source} knows` });
      }
    }
  }

  /** Where a torn write begins, if a later chain declares it and it is one. */
  private async declaredEnd({ file, path }: LogSegment): Promise<number> {
    for (const { torn, by } of this.context.recoveries) {
      if (torn?.file !== file) continue;
      const { bytes, rest } = await bytesFrom(path, torn.offset, Math.min(torn.length, MOST_TORN));
      // The chain went on behind it: it was not dead when it was declared so.
      if (rest > torn.length) continue;
      const digest = createHash('sha256').update(bytes).digest('base64url');
      if (digest !== torn.sha256) {
        const message = `the torn bytes that ${by} declares at offset ${torn.offset} are not there any more`;
        this.context.problems.add({ class: 'cut-tail', file, line: 0, message });
      }
      return torn.offset;
    }
    return Infinity;
  }

  private onTorn({ file }: LogSegment, line: number): void {
    this.torn = { file, line };
    const isLast = this.chain.segments.at(-1)!.file === file;
    // Who has taken a dead chain over has seen its end, and would have said that it is torn.
    const isKnown = this.context.recoveries.some(({ lastSeq }) => lastSeq >= this.order.seq);
    if (isLast && !isKnown && !this.checkpoints.hasEnded) return;
    const message = 'the file ends in the middle of a record, and no later start declares it';
    this.context.problems.add({ class: 'torn-line', file, line, message });
  }
}
