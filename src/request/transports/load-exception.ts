/**
 * The class of a transport's exception, out of the package that brings the transport: only ever asked for a transport that
 * is running, whose package is therefore there. The name is a variable, which keeps the package out of our types.
 */
export async function loadException(from: string, name: string): Promise<new (error: object) => Error> {
  const loaded = (await import(from)) as Record<string, new (error: object) => Error>;
  return loaded[name]!;
}
