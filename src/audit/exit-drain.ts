/** One listener for the process, however many loggers there are, and also when two copies of the package are loaded. */
const DRAINS = Symbol.for('nestjs-auth-services.exit-drains');
type Holder = { [DRAINS]?: Set<() => void> };

/**
 * Calls `drain` when the process exits: at `process.exit()`, at the end of its work, after an uncaught error. Only
 * what is synchronous happens then. Returns the function that takes it back.
 */
export function onExit(drain: () => void): () => void {
  const holder = globalThis as Holder;
  let drains = holder[DRAINS];
  if (drains === undefined) {
    const created = (drains = holder[DRAINS] = new Set());
    process.once('exit', () => {
      for (const each of created) each();
    });
  }
  drains.add(drain);
  return () => void drains.delete(drain);
}
