import { AsyncResource } from 'node:async_hooks';
import { after } from '../timers.js';
import type { ChainRatchet } from './chain-ratchet.js';
import type { SigningKey } from './keys.js';
import { noteText, signedNote } from './note.js';
import type { Draft } from './draft.js';

export interface CheckpointSettings {
  /** A checkpoint follows so many records at the latest, … */
  readonly records: number;
  /** … and so many seconds after a record. */
  readonly seconds: number;
  readonly signingKey: SigningKey | undefined;
  /** The anchor. */
  readonly onCheckpoint: ((note: string) => void | Promise<void>) | undefined;
}

/** Without checkpoints, one write takes so many. */
const UNCHECKED_ROOM = 4096;
/** An idle chain says that it is alive. */
const HEARTBEAT_MS = 60_000;

/** Says of a chain, at regular intervals, how long it is and which hash it has, signed and sealed. */
export class Checkpoints {
  /** Of this chain's own ratchet, once it has one. */
  ratchet: ChainRatchet | undefined;
  /** Records since the last checkpoint. */
  private uncovered = 0;
  private isTimeUp = false;
  private stopTimer: (() => void) | undefined;
  private isAnchorFailing = false;
  // A timer of a request's own context would keep that request's data until it fires.
  private readonly context = new AsyncResource('AuditCheckpoints');

  constructor(
    private readonly settings: CheckpointSettings,
    private readonly chain: string,
    /** Called when a checkpoint is due although nothing is written. */
    private readonly wake: () => void,
  ) {}

  /** Events that may be written before the next checkpoint has to follow. */
  get room(): number {
    return this.isOn ? Math.max(1, this.settings.records - this.uncovered) : UNCHECKED_ROOM;
  }

  /** Whether one has to come first, so that the interval is never longer than was said. */
  isDueBefore(records: number): boolean {
    return this.isOn && this.uncovered > 0 && records > this.room;
  }

  /** Whether one has to follow, if so many records are written now. */
  isDue(records: number): boolean {
    return this.isOn && (this.isTimeUp || this.uncovered + records >= this.settings.records);
  }

  /** Before {@link add}: the key must never be used twice, also not by whoever comes after a crash. */
  async prepare(): Promise<void> {
    await this.ratchet?.prepare();
  }

  prepareSync(): void {
    this.ratchet?.prepareSync();
  }

  /** The content of the record behind this draft; with `isEnd` it is the chain's last. */
  contentFor(draft: Draft, timestamp: string, isEnd: boolean): { readonly content: object; readonly note: string } {
    if (!this.isOn) return { content: {}, note: '' };
    const { signingKey } = this.settings;
    const { ratchet, chain } = this;
    const text = noteText({ chain, size: draft.seq, head: draft.head, time: timestamp, epoch: ratchet?.epoch, isEnd });
    const signature = signingKey?.sign(text);
    return {
      content: {
        note: text,
        ...(signature && { kid: signingKey!.id, sig: signature.toString('base64url') }),
        ...(ratchet && { seal: ratchet.seal(text) }),
      },
      note: signedNote(text, signature, signingKey?.publicBytes),
    };
  }

  /** What is on the disk now. */
  committed(records: number, note: string | undefined): void {
    this.uncovered += records;
    if (note !== undefined) {
      this.uncovered = 0;
      this.isTimeUp = false;
      this.stop();
      this.ratchet?.advance();
      this.anchor(note);
    }
    this.arm();
  }

  /** Sees to it that a checkpoint follows, if nothing else brings it. */
  arm(): void {
    if (!this.isOn || this.stopTimer !== undefined) return;
    const ms = this.settings.seconds * 1000;
    this.context.runInAsyncScope(() => {
      this.stopTimer = after(this.uncovered > 0 ? ms : Math.max(ms, HEARTBEAT_MS), () => {
        this.stopTimer = undefined;
        this.isTimeUp = true;
        this.wake();
      });
    });
  }

  stop(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  private get isOn(): boolean {
    const { signingKey, onCheckpoint } = this.settings;
    return signingKey !== undefined || this.ratchet !== undefined || onCheckpoint !== undefined;
  }

  /** A second place that fails must not stop the first; that it does is said once. */
  private anchor(note: string): void {
    const { onCheckpoint } = this.settings;
    if (onCheckpoint === undefined) return;
    const failed = (error: unknown): void => {
      if (this.isAnchorFailing) return;
      this.isAnchorFailing = true;
      const message = `FileAuditSink.onCheckpoint failed, the checkpoint is not anchored: ${String(error).slice(0, 200)}`;
      process.emitWarning(message, { code: 'AUTH_SERVICES_ANCHOR' });
    };
    const done = (): void => void (this.isAnchorFailing = false);
    try {
      const answer: unknown = onCheckpoint(note);
      if (answer instanceof Promise) answer.then(done, failed);
      else done();
    } catch (error) {
      failed(error);
    }
  }
}
