import type { ChainFs } from './chain-fs.js';
import { Segment } from './segment.js';
import type { ChainSettings, ControlRecord, SegmentShelf } from './segment-shelf.js';

const DIRECTORY_MODE = 0o700;
const LOOK_EVERY_MS = 1000;

/** The segment that a chain is writing, and the change to the next. */
export class ChainSegments {
  current: Segment | undefined;
  /** Opens the current segment, as long as it is not written. */
  preamble: readonly ControlRecord[] = [];
  private no = 0;
  private lookedAtMs = 0;

  constructor(
    private readonly settings: ChainSettings,
    private readonly fs: ChainFs,
    private readonly shelf: SegmentShelf,
    private readonly chain: string,
    /** How the chain begins, asked before there is a file of its own. */
    private readonly startRecords: () => readonly ControlRecord[],
  ) {}

  /** Why the current segment has to be left, if it has. */
  reasonToLeave(nowMs: number): 'size' | 'time' | 'lost' | undefined {
    const { current, settings } = this;
    if (current === undefined) return undefined;
    if (nowMs - this.lookedAtMs >= LOOK_EVERY_MS) {
      this.lookedAtMs = nowMs;
      if (!current.isIntact()) return 'lost';
    }
    if (current.records === 0) return undefined;
    if (current.position >= settings.maxSegmentBytes) return 'size';
    return nowMs - current.openedAtMs >= settings.maxSegmentSeconds * 1000 ? 'time' : undefined;
  }

  /** The next segment is opened with the next record. */
  leave(reason: 'size' | 'time' | 'lost', lastSeq: number): void {
    const { current } = this;
    if (current === undefined) return;
    this.current = undefined;
    // A segment that nothing was written to hands its own beginning on.
    if (current.records > 0) {
      const content = { segment: this.no + 1, reason, previous: current.file, lastSeq, ratchet: this.shelf.ratchet };
      this.preamble = [['segment', content]];
    }
    current.close().catch(() => undefined);
  }

  /** @param prune What retention says in the new segment. */
  open(nowMs: number, lastSeq: number, prune: readonly ControlRecord[] = []): Segment {
    const { fs, settings } = this;
    fs.mkdirSync(settings.directory, { recursive: true, mode: DIRECTORY_MODE });
    this.leave('lost', lastSeq);
    // Looked for before there is a file of our own, and again if the first try fails.
    const opening = this.no === 0 ? this.startRecords() : this.preamble;
    const segment = Segment.open(fs, settings.directory, this.chain, this.no + 1, nowMs);
    this.no++;
    this.current = segment;
    this.preamble = [...opening, ...prune];
    this.lookedAtMs = nowMs;
    return segment;
  }
}
