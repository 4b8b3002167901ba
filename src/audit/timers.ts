/** A timer that keeps no process alive. Returns the function that stops it. */
export function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Whether the promise has settled within this time. It must not reject. Keeps the process alive until then. */
export function within(ms: number, promise: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, false);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** The promise, resolved however it ends. */
export function settled(promise: PromiseLike<unknown>, onError: (error: unknown) => void): Promise<void> {
  return Promise.resolve(promise).then(() => undefined, onError);
}
