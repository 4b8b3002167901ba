import { join } from 'node:path';
import { call, writeAllSync, type ChainFs } from './chain-fs.js';

const FILE_MODE = 0o600;
const NAME = /^(.+\.[0-9a-f]{8}-[0-9a-f-]{27})-(\d{6,})\.jsonl$/;

export function segmentName(chain: string, no: number): string {
  return `${chain}-${String(no).padStart(6, '0')}.jsonl`;
}

export function parseSegmentName(file: string): { readonly chain: string; readonly no: number } | undefined {
  const match = NAME.exec(file);
  return match === null ? undefined : { chain: match[1]!, no: Number(match[2]) };
}

/**
 * One file of a chain. It is created by this process and never opened by another; every byte goes to a place that is
 * said, so that doing a write again, also synchronously while the first is still under way, changes nothing.
 */
export class Segment {
  /** Where the last good record ends. */
  position = 0;
  records = 0;
  /** Beyond `position` there may be bytes of a failed write. */
  private isTorn = false;
  /** A truncation is under way. */
  isUnsettled = false;
  private isListed = false;

  private constructor(
    private readonly fs: ChainFs,
    private readonly directory: string,
    private readonly fd: number,
    private readonly identity: { readonly ino: number; readonly dev: number },
    readonly file: string,
    readonly no: number,
    readonly openedAtMs: number,
  ) {}

  static open(fs: ChainFs, directory: string, chain: string, no: number, nowMs: number): Segment {
    const file = segmentName(chain, no);
    const fd = fs.openSync(join(directory, file), 'wx', FILE_MODE);
    return new Segment(fs, directory, fd, fs.fstatSync(fd), file, no, nowMs);
  }

  /** Whether the name still leads to this file, and nobody has cut it. */
  isIntact(): boolean {
    try {
      const found = this.fs.statSync(join(this.directory, this.file));
      return found.ino === this.identity.ino && found.dev === this.identity.dev && found.size >= this.position;
    } catch {
      return false;
    }
  }

  /** Writes behind the last good record, all or nothing: after a failure the file is cut back. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.isTorn) await this.cutBack();
    try {
      for (let done = 0; done < bytes.length;) {
        const written = await this.writeSome(bytes, done);
        if (written === 0) throw new Error('the disk took no more bytes');
        done += written;
      }
    } catch (error) {
      this.isTorn = true;
      await this.cutBack().catch(() => undefined);
      throw error;
    }
  }

  /** On the disk, with its entry in the directory. */
  async sync(): Promise<void> {
    try {
      await call((done) => this.fs.fdatasync(this.fd, done));
      if (!this.isListed) await this.syncDirectory();
      this.isListed = true;
    } catch (error) {
      // After a failed sync the kernel may have dropped the pages: only a new write brings them back.
      this.isTorn = true;
      await this.cutBack().catch(() => undefined);
      throw error;
    }
  }

  writeSync(bytes: Uint8Array): void {
    try {
      writeAllSync(this.fs, this.fd, bytes, this.position);
    } catch (error) {
      this.fs.ftruncateSync(this.fd, this.position);
      throw error;
    }
  }

  syncSync(): void {
    this.fs.fdatasyncSync(this.fd);
  }

  close(): Promise<void> {
    return call((done) => this.fs.close(this.fd, done));
  }

  closeSync(): void {
    this.fs.closeSync(this.fd);
  }

  private writeSome(bytes: Uint8Array, done: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.fs.write(this.fd, bytes, done, bytes.length - done, this.position + done, (error, written) =>
        error ? reject(error) : resolve(written),
      );
    });
  }

  private async cutBack(): Promise<void> {
    this.isUnsettled = true;
    try {
      await call((done) => this.fs.ftruncate(this.fd, this.position, done));
      this.isTorn = false;
    } finally {
      this.isUnsettled = false;
    }
  }

  /** Without it a power cut can take the whole file although its content was synced. */
  private async syncDirectory(): Promise<void> {
    let fd: number;
    try {
      fd = this.fs.openSync(this.directory, 'r');
    } catch {
      // Windows opens no directories, and needs no sync of them.
      return;
    }
    try {
      await call((done) => this.fs.fsync(fd, done));
    } finally {
      this.fs.closeSync(fd);
    }
  }
}
