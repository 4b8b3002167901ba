import { join } from 'node:path';
import { call, writeAllSync, type ChainFs } from './chain-fs.js';
import { nextEpoch, sealOf } from './ratchet.js';
import { encodeState, SLOT_BYTES, SLOTS, type EpochState } from './ratchet-state.js';

const SPENT = Buffer.alloc(SLOT_BYTES, ' ');

/**
 * The ratchet of one chain. Before a key is used, the next one is on the disk; after it was used, it is overwritten: in
 * memory, and in the file, whose slots take turns, so that nothing is written where a write may still be under way.
 */
export class ChainRatchet {
  private isPrepared = false;
  private wiping: Promise<void> = Promise.resolve();

  constructor(
    private readonly fs: ChainFs,
    private readonly path: string,
    private readonly fd: number,
    private readonly state: { -readonly [K in keyof EpochState]: EpochState[K] },
  ) {}

  static create(fs: ChainFs, directory: string, state: EpochState): ChainRatchet {
    const path = join(directory, `${state.chain}.epoch`);
    const fd = fs.openSync(path, 'wx+', 0o600);
    writeAllSync(fs, fd, encodeState(state), slotOf(state.epoch));
    fs.fdatasyncSync(fd);
    return new ChainRatchet(fs, path, fd, { ...state });
  }

  get line(): string {
    return this.state.line;
  }

  get generation(): number {
    return this.state.generation;
  }

  get epoch(): number {
    return this.state.epoch;
  }

  /** Puts the key behind this one on the disk: afterwards this one may be used. */
  async prepare(): Promise<void> {
    if (this.isPrepared) return;
    await this.wiping;
    const { fs, fd } = this;
    const bytes = encodeState(this.following());
    // Doing it again, also at the exit while the first is under way, writes the same bytes to the same place.
    await call((done) => fs.write(fd, bytes, 0, bytes.length, slotOf(this.epoch + 1), done));
    await call((done) => fs.fdatasync(fd, done));
    this.isPrepared = true;
  }

  prepareSync(): void {
    if (this.isPrepared) return;
    writeAllSync(this.fs, this.fd, encodeState(this.following()), slotOf(this.epoch + 1));
    this.fs.fdatasyncSync(this.fd);
    this.isPrepared = true;
  }

  seal(noteText: string): string {
    return sealOf(this.state.key, noteText);
  }

  /** What was sealed is written: the key is spent. */
  advance(): void {
    const { state, fs, fd } = this;
    const { key, epoch } = this.following();
    state.key.fill(0);
    const spent = slotOf(state.epoch);
    this.wiping = call((done) => fs.write(fd, SPENT, 0, SLOT_BYTES, spent, done)).catch(() => undefined);
    state.key = key;
    state.epoch = epoch;
    this.isPrepared = false;
  }

  /** The chain has ended in order: there is nothing to hand over. */
  async end(): Promise<void> {
    await this.wiping;
    this.discard();
  }

  /** Nothing is under way in it. */
  discard(): void {
    this.endSync();
    this.fs.closeSync(this.fd);
  }

  /** At the exit of the process, which closes the file: a write may still be under way in it. */
  endSync(): void {
    this.state.key.fill(0);
    wipe(this.fs, this.path, this.fd);
  }

  private following(): EpochState {
    return { ...this.state, epoch: this.state.epoch + 1, key: nextEpoch(this.state.key) };
  }
}

/** Overwrites an open file of keys, and removes it. */
export function wipe(fs: ChainFs, path: string, fd: number): void {
  writeAllSync(fs, fd, Buffer.alloc(SLOTS * SLOT_BYTES, ' '), 0);
  fs.fdatasyncSync(fd);
  fs.unlinkSync(path);
}

function slotOf(epoch: number): number {
  return (epoch % SLOTS) * SLOT_BYTES;
}
