import { existsSync, openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/**
 * What the main thread has worked so far, in ms: its processor time where Linux tells, which nothing else that runs on the
 * machine adds to, not even this process's own threads. Elsewhere the time that passed.
 */
export function mainClock() {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(file)) return () => performance.now();
  const fd = openSync(file, 'r');
  const bytes = Buffer.alloc(64);
  return () => {
    // Asking for this brings the kernel's own count up to date, which else is as old as its last tick.
    process.cpuUsage();
    return Number.parseInt(bytes.toString('latin1', 0, readSync(fd, bytes, 0, 64, 0)), 10) / 1e6;
  };
}
