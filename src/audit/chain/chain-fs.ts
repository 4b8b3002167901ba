import * as nodeFsModule from 'node:fs';

/** The part of `node:fs` that the chain uses: a test puts a failing disk in its place. */
export interface ChainFs {
  mkdirSync(path: string, options: { recursive: true; mode: number }): unknown;
  readdirSync(path: string): string[];
  openSync(path: string, flags: string, mode?: number): number;
  closeSync(fd: number): void;
  statSync(path: string): {
    readonly size: number;
    readonly ino: number;
    readonly dev: number;
    readonly mtimeMs: number;
  };
  fstatSync(fd: number): { readonly size: number; readonly ino: number; readonly dev: number };
  readSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number;
  writeSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number;
  fdatasyncSync(fd: number): void;
  ftruncateSync(fd: number, length: number): void;
  linkSync(existing: string, path: string): void;
  unlinkSync(path: string): void;
  write(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, written: number) => void,
  ): void;
  fdatasync(fd: number, done: (error: Error | null) => void): void;
  fsync(fd: number, done: (error: Error | null) => void): void;
  ftruncate(fd: number, length: number, done: (error: Error | null) => void): void;
  unlink(path: string, done: (error: Error | null) => void): void;
  readdir(path: string, done: (error: Error | null, files: string[]) => void): void;
  stat(path: string, done: (error: Error | null, stats: { readonly mtimeMs: number }) => void): void;
  open(path: string, flags: string, done: (error: Error | null, fd: number) => void): void;
  read(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead: number) => void,
  ): void;
  close(fd: number, done: (error: Error | null) => void): void;
}

export const nodeFs: ChainFs = nodeFsModule;

/** A call of it, as a promise. */
export function call(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

/** A call of it that answers with something. */
export function answerOf<T>(start: (done: (error: Error | null, answer: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, answer) => (error ? reject(error) : resolve(answer))));
}

/** Writes all of it, however few bytes the disk takes at once. */
export function writeAllSync(fs: ChainFs, fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const written = fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw new Error('the disk took no more bytes');
    done += written;
  }
}
