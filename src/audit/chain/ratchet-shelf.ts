import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { writeAllSync, type ChainFs } from './chain-fs.js';
import { ChainRatchet, wipe } from './chain-ratchet.js';
import { chainKey, lineKey, nextGeneration, ratchetId } from './ratchet.js';
import {
  decodeState,
  encodeState,
  newestEpoch,
  SLOT_BYTES,
  SLOTS,
  type EpochState,
  type LineState,
} from './ratchet-state.js';

/** Folder of the states, in the directory of the log. */
export const RATCHET_FOLDER = 'ratchet';

interface Found {
  readonly path: string;
  readonly state: LineState;
}

/** A chain of this host whose process has died before its end. */
export interface AbandonedChain {
  readonly path: string;
  readonly state: EpochState;
}

/** The states of the ratchet in a directory. Several processes may share it: a generation is taken by one of them only. */
export class RatchetShelf {
  private readonly folder: string;

  constructor(
    private readonly fs: ChainFs,
    directory: string,
    /** Needed for the first chain of a directory only. */
    private readonly firstKey: Buffer | undefined,
  ) {
    this.folder = join(directory, RATCHET_FOLDER);
  }

  /** The ratchet of a new chain; `undefined` if the directory has none and no first key was given. */
  claim(chain: string): ChainRatchet | undefined {
    if (this.firstKey === undefined && this.names().length === 0) return undefined;
    this.fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    for (;;) {
      const found = this.newestLine() ?? this.newLine();
      if (found === undefined) return undefined;
      const { line, generation, key } = found.state;
      const state = { line, generation, chain, pid: process.pid, epoch: 0, key: chainKey(key, chain) };
      const ratchet = ChainRatchet.create(this.fs, this.folder, state);
      let isOurs = false;
      try {
        isOurs = this.moveOn(found);
      } finally {
        if (!isOurs) ratchet.discard();
      }
      if (isOurs) return ratchet;
      // Another process has taken this generation: the next one, then.
    }
  }

  /** The chains that a crash has left. `lives` is asked for the processes of their numbers. */
  abandoned(instance: string, lives: (pid: number) => boolean): AbandonedChain[] {
    return this.names()
      .filter((name) => name.startsWith(`${instance}.`) && name.endsWith('.epoch'))
      .map((name) => ({ path: join(this.folder, name), state: newestEpoch(this.bytes(name)) }))
      .filter((found): found is AbandonedChain => found.state !== undefined && !lives(found.state.pid));
  }

  /** A key that is spent, or was handed over. */
  remove(path: string): void {
    try {
      const fd = this.fs.openSync(path, 'r+');
      try {
        wipe(this.fs, path, fd);
      } finally {
        this.fs.closeSync(fd);
      }
    } catch {
      // Another process has done it, and was faster.
    }
  }

  private moveOn({ path, state }: Found): boolean {
    const next = { ...state, generation: state.generation + 1, key: nextGeneration(state.key) };
    if (!this.publish(next)) return false;
    this.remove(path);
    return true;
  }

  private newLine(): Found | undefined {
    if (this.firstKey === undefined) return undefined;
    const line = randomBytes(9).toString('base64url');
    const state = { id: ratchetId(this.firstKey), line, generation: 0, key: lineKey(this.firstKey, line) };
    this.publish(state);
    return { path: this.pathOf(state), state };
  }

  /** Of the first key that was given, or of any if none was. */
  private newestLine(): Found | undefined {
    const id = this.firstKey === undefined ? undefined : ratchetId(this.firstKey);
    const found: Found[] = [];
    for (const name of this.names().filter((each) => each.endsWith('.next'))) {
      const state = decodeState(this.bytes(name).subarray(0, SLOT_BYTES));
      if (state !== undefined && 'id' in state && (id === undefined || state.id === id))
        found.push({ path: join(this.folder, name), state });
    }
    return found.toSorted((a, b) => b.state.generation - a.state.generation)[0];
  }

  /** Whole or not at all, and only if nobody else has: a link is refused where the name is taken. */
  private publish(state: LineState): boolean {
    const path = this.pathOf(state);
    const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
    const fd = this.fs.openSync(draft, 'wx', 0o600);
    try {
      writeAllSync(this.fs, fd, encodeState(state), 0);
      this.fs.fdatasyncSync(fd);
    } finally {
      this.fs.closeSync(fd);
    }
    try {
      this.fs.linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      this.fs.unlinkSync(draft);
    }
    this.syncFolder();
    return true;
  }

  private pathOf({ line, generation }: LineState): string {
    return join(this.folder, `${line}-${String(generation).padStart(6, '0')}.next`);
  }

  private syncFolder(): void {
    let fd: number;
    try {
      fd = this.fs.openSync(this.folder, 'r');
    } catch {
      // Windows opens no directories, and needs no sync of them.
      return;
    }
    this.fs.fdatasyncSync(fd);
    this.fs.closeSync(fd);
  }

  private names(): string[] {
    try {
      return this.fs.readdirSync(this.folder).map((name) => basename(name));
    } catch {
      return [];
    }
  }

  /** Empty if somebody else has removed it meanwhile. */
  private bytes(name: string): Buffer {
    const bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
    try {
      const fd = this.fs.openSync(join(this.folder, name), 'r');
      this.fs.readSync(fd, bytes, 0, bytes.length, 0);
      this.fs.closeSync(fd);
    } catch {
      // Nothing was read.
    }
    return bytes;
  }
}
