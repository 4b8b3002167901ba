// A PostgreSQL of the test's own: a new cluster in a temporary directory, on a socket in it, with no port at all.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Debian keeps the server's programs out of the path, by version. */
function programs(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...versions];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found === undefined) throw new Error('PostgreSQL is not on this machine: npm test finds or installs it');
  return found;
}

/** The server refuses to run as root: the user that its package made runs it then. */
function owner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export class Postgres {
  private constructor(
    readonly directory: string,
    private server: ChildProcess,
  ) {}

  static async start(): Promise<Postgres> {
    const directory = mkdtempSync(join(tmpdir(), 'pg-'));
    const user = owner();
    if (user !== undefined) chownSync(directory, user.uid, user.gid);
    const options = { ...user, cwd: directory, stdio: 'ignore' } as const;
    const data = join(directory, 'data');
    const settings = ['-U', 'test', '-A', 'trust', '--no-sync', '--no-instructions', '-E', 'UTF8'];
    execFileSync(join(programs(), 'initdb'), ['-D', data, ...settings], options);
    return new Postgres(directory, Postgres.serve(directory));
  }

  /** For `new Pool(…)`. */
  get connection(): { host: string; user: string; database: string } {
    return { host: this.directory, user: 'test', database: 'postgres' };
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.kill('SIGINT');
    await closed;
  }

  again(): void {
    this.server = Postgres.serve(this.directory);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private static serve(directory: string): ChildProcess {
    const settings = ['-c', 'listen_addresses=', '-c', 'fsync=off', '-k', directory];
    const options = { ...owner(), cwd: directory, stdio: 'ignore' } as const;
    return spawn(join(programs(), 'postgres'), ['-D', join(directory, 'data'), ...settings], options);
  }
}
