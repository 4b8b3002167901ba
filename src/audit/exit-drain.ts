/** One listener of each kind for the process, however many loggers there are, and also when two copies of the package are loaded. */
const HOLDER = Symbol.for('nestjs-auth-services.exit-drains');

/** What ends a process that nobody has told what to do. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

interface Drains {
  readonly atExit: Set<() => void>;
  readonly atSignal: Set<() => void>;
  readonly onSignal: (signal: NodeJS.Signals) => void;
}

/**
 * Calls `drain` when the process exits: at `process.exit()`, at the end of its work, after an uncaught error. With
 * `isAtSignals` also when a signal is about to end it, which then does: only where nobody else listens for the signal,
 * because whoever does decides what it means. Only what is synchronous happens then. Returns the function that takes it
 * back.
 */
export function onExit(drain: () => void, isAtSignals: boolean): () => void {
  const { atExit, atSignal, onSignal } = drainsOfProcess();
  atExit.add(drain);
  if (isAtSignals && atSignal.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
  if (isAtSignals) atSignal.add(drain);
  return () => {
    atExit.delete(drain);
    if (atSignal.delete(drain) && atSignal.size === 0) {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    }
  };
}

function drainsOfProcess(): Drains {
  const holder = globalThis as { [HOLDER]?: Drains };
  if (holder[HOLDER] !== undefined) return holder[HOLDER];
  const atExit = new Set<() => void>();
  const atSignal = new Set<() => void>();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) - waitingListeners() > 1) return;
    for (const drain of atSignal) drain();
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.once('exit', () => {
    for (const drain of atExit) drain();
  });
  return (holder[HOLDER] = { atExit, atSignal, onSignal });
}

/**
 * The listeners of `signal-exit`, which half of npm brings along. They end the process only if nobody else listens: two that
 * are that polite would wait for each other for ever. Where it counts them: https://github.com/tapjs/signal-exit
 */
function waitingListeners(): number {
  const older = (process as { __signal_exit_emitter__?: { count?: unknown } }).__signal_exit_emitter__?.count;
  const newer = (globalThis as { [key: symbol]: { count?: unknown } | undefined })[Symbol.for('signal-exit emitter')];
  return [older, newer?.count].reduce((sum: number, count) => sum + (typeof count === 'number' ? count : 0), 0);
}
