/** `audit.excludePaths`: exact paths, and everything below one. */
export class ExcludedPaths {
  private readonly exact: ReadonlySet<string>;
  private readonly below: readonly string[];

  constructor(paths: readonly string[]) {
    const isBelow = (path: string): boolean => path.endsWith('/*');
    this.exact = new Set(paths.filter((path) => !isBelow(path)).map(withoutSlash));
    this.below = paths.filter(isBelow).map((path) => path.slice(0, -1));
  }

  /** `prefix` is the application's global prefix; routes outside it are compared as they are. */
  has(path: string, prefix = ''): boolean {
    // What a proxy or a file server may take for another path than we do is not excluded.
    if (/\/\.{1,2}(?:\/|$)|%2e|%2f|%5c|\\|\/\//i.test(path)) return false;
    if (this.matches(path)) return true;
    const start = `/${prefix.replaceAll(/^\/+|\/+$/g, '')}`;
    if (start === '/' || !(path === start || path.startsWith(`${start}/`))) return false;
    return this.matches(path.slice(start.length) || '/');
  }

  private matches(path: string): boolean {
    return this.exact.has(withoutSlash(path)) || this.below.some((start) => path.startsWith(start));
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
