/* oxlint-disable typescript/no-explicit-any -- graphql's types need not be there */

/** A step of the way to a field in the answer: names of fields (or their aliases) and places in lists. */
interface Path {
  readonly prev?: Path | undefined;
  readonly key: string | number;
}

/** As much of graphql's `GraphQLResolveInfo` as is asked here. */
export interface Info {
  readonly fieldName: string;
  readonly parentType: { readonly name: string };
  readonly path?: Path;
}

/** What the server keeps for an operation: the third of four arguments; reference resolvers of a federation have three. */
export function operationIn(args: readonly any[]): any {
  return args[args.length === 3 ? 1 : 2];
}

/** What the server says of the field. */
export function infoIn(args: readonly unknown[]): Info | undefined {
  const info = args[args.length === 3 ? 2 : 3];
  return typeof info === 'object' && info !== null ? (info as Info) : undefined;
}

const PLACES = Symbol.for('nestjs-auth-services.graphql-places');
type Places = WeakMap<object, Map<string, object>>;
const places = (): Places => ((globalThis as { [PLACES]?: Places })[PLACES] ??= new WeakMap());

/**
 * What stands for a field: for a root field (each alias of it) what the server hands over for it alone; for a field below,
 * its place in the operation, so that the items of a list are one call and two aliases are two.
 *
 * All ways in one answer begin at the same object, which the server makes for each root field of each execution.
 */
export function placeOf(info: Info | undefined): object | undefined {
  let step = info?.path;
  if (step?.prev === undefined) return info;
  let place = '';
  while (step.prev !== undefined) {
    if (typeof step.key === 'string') place = `${step.key}.${place}`;
    step = step.prev;
  }
  let known = places().get(step);
  if (known === undefined) places().set(step, (known = new Map()));
  let key = known.get(place);
  if (key === undefined) known.set(place, (key = {}));
  return key;
}
