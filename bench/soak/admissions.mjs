/** When the limiter let some callers through, by where it was decided. */
export class Admissions {
  #times = new Map();

  /** `watched`: the beginning of the identities that are kept. */
  constructor(watched) {
    this.watched = watched;
  }

  add(source, identity) {
    if (!identity.startsWith(this.watched)) return;
    const key = `${source} ${identity}`;
    const times = this.#times.get(key);
    if (times === undefined) this.#times.set(key, [performance.now()]);
    else times.push(performance.now());
  }

  /** The most that one identity was let through in any time of this length. */
  fullestWindow(source, windowMs) {
    let most = 0;
    for (const [key, times] of this.#times) {
      if (!key.startsWith(`${source} `)) continue;
      for (let from = 0, to = 0; to < times.length; to++) {
        while (times[to] - times[from] >= windowMs) from++;
        most = Math.max(most, to - from + 1);
      }
    }
    return most;
  }
}
