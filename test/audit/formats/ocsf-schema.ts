import { readFileSync } from 'node:fs';

type Json = Record<string, any>;

/** What the schema says of a class or an object. */
interface Shape {
  readonly required: string;
  readonly attributes: string;
  readonly enums?: Readonly<Record<string, readonly number[]>>;
  readonly constraints?: { readonly at_least_one?: readonly string[] };
}
interface Version {
  readonly version: string;
  readonly classes: Readonly<Record<string, Shape>>;
  readonly objects: Readonly<Record<string, Shape>>;
}

const { versions } = JSON.parse(readFileSync('test/audit/formats/ocsf-schema.json', 'utf8')) as { versions: Version[] };

/** Which object of the schema lies under an attribute. */
const OBJECTS: Readonly<Record<string, string>> = {
  metadata: 'metadata',
  product: 'product',
  user: 'user',
  actor: 'actor',
  api: 'api',
  service: 'service',
  src_endpoint: 'network_endpoint',
  http_request: 'http_request',
  http_response: 'http_response',
  url: 'url',
  attestation_list: 'attestation',
  fingerprint: 'fingerprint',
};

/** What of an event is against the version of the schema that it names. */
export function violations(event: Json): string[] {
  const schema = versions.find(({ version }) => version === event['metadata']?.version);
  const shape = schema?.classes[event['class_uid']];
  if (schema === undefined || shape === undefined) return ['a version and a class that are known'];
  const found: string[] = [];
  const uid = event['class_uid'] as number;
  if (Math.floor(uid / 1000) !== event['category_uid']) found.push('category_uid');
  if (event['type_uid'] !== uid * 100 + event['activity_id']) found.push('type_uid');
  if (!Number.isSafeInteger(event['time'])) found.push('time');
  check(String(uid), shape, event, schema, found);
  return found;
}

function check(
  name: string,
  { required, attributes, enums, constraints }: Shape,
  value: Json,
  schema: Version,
  found: string[],
): void {
  const isThere = (field: string): boolean => value[field] !== undefined;
  for (const field of required.split(' '))
    if (field !== '' && !isThere(field)) found.push(`${name}: ${field} is required`);
  const atLeast = constraints?.at_least_one;
  if (atLeast !== undefined && !atLeast.some(isThere)) found.push(`${name}: one of ${atLeast.join(', ')}`);
  for (const [field, allowed] of Object.entries(enums ?? {})) {
    if (isThere(field) && !allowed.includes(value[field])) found.push(`${name}: ${field} ${value[field]}`);
  }
  const known = new Set(attributes.split(' '));
  for (const field of Object.keys(value)) if (!known.has(field)) found.push(`${name}: no attribute ${field}`);
  for (const [field, below] of Object.entries(value)) {
    const object = OBJECTS[field];
    const shape = object === undefined ? undefined : schema.objects[object];
    if (shape !== undefined) for (const each of [below].flat() as Json[]) check(object!, shape, each, schema, found);
  }
}
