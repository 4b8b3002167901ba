/** Without what is undefined, which in an option means "not given" and must not hide what is beneath. */
export function given<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
}
