import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PromtoolResult {
  readonly status: number | null;
  readonly output: string;
}

/** The real promtool. A machine without it fails: a skipped check would look like a passed one. */
export function promtool(args: readonly string[], input = ''): PromtoolResult {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`These tests need promtool on the PATH (Debian: apt-get install prometheus): ${error.message}`);
  }
  return { status, output: stdout + stderr };
}

/** 0 and silent when the page can be read and follows Prometheus's naming rules; 1 unreadable, 3 against the rules. */
export function checkMetrics(page: string): PromtoolResult {
  return promtool(['check', 'metrics'], page);
}

/** Reads an OpenMetrics page with Prometheus's own parser. promtool does that only on the way into a database, with times. */
export function importOpenMetrics(page: string): PromtoolResult {
  const directory = mkdtempSync(join(tmpdir(), 'openmetrics-'));
  try {
    const file = join(directory, 'page.txt');
    writeFileSync(file, page.replace(/^(?!#)(.+)$/gm, '$1 1700000000'));
    return promtool(['tsdb', 'create-blocks-from', 'openmetrics', file, join(directory, 'blocks')]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The value of each series of a page. */
export function seriesOf(page: string): ReadonlyMap<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
