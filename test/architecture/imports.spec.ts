// The house rule of DESIGN.md, read off the import statements: imports point down, rooms do not know each other,
// doorways are imported by nobody, and only skin imports Nest.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SRC = resolve('src');
const ROOMS = ['m2m', 'rate-limit', 'audit', 'metrics'];
const DOORWAYS = ['jwt', 'redis', 'prometheus', 'otel', 'terminus', 'swagger', 'testing'];
/** Each layer may import itself and those before it. */
const LAYERS = [
  ['options'],
  ['refusal'],
  ['request'],
  ['events'],
  ROOMS,
  ['startup', ...DOORWAYS, 'cli'],
  ['module'],
  ['index'],
];
const SKIN = /\.(module|service|guard|decorator|interceptor|controller|middleware)\.ts$/;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(SRC, file));

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:([^'"]*?)\s+from\s+)?['"]([^'"]+)['"]/gm);
  return [...statements].map(([, type, names = '', to]) => ({
    from: relative(SRC, file),
    to: to!.startsWith('.') ? relative(SRC, resolve(dirname(file), to!)).replace(/\.js$/, '.ts') : to!,
    typeOnly:
      type !== undefined ||
      (/^\{[^}]*\}$/.test(names.trim()) &&
        names
          .replace(/[{}]/g, '')
          .split(',')
          .every((name) => name.trim() === '' || name.trim().startsWith('type '))),
  }));
});

const own = imports.filter(({ to }) => to.endsWith('.ts'));

function roomOf(file: string): string {
  if (file === 'index.ts') return 'index';
  return file.includes('/') ? file.split('/')[0]! : 'module';
}

const layerOf = (file: string): number => LAYERS.findIndex((layer) => layer.includes(roomOf(file)));

describe('the house', () => {
  it('puts every file into a room that DESIGN.md names, so that any line can be found by guessing', () => {
    expect(files.map((file) => relative(SRC, file)).filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  it('imports point down: no file imports from a layer above its own', () => {
    expect(own.filter(({ from, to }) => layerOf(to) > layerOf(from))).toEqual([]);
  });

  it('a room never imports another room: what happened travels as an event, who is calling on the record', () => {
    const rooms = own.filter(({ from, to }) => ROOMS.includes(roomOf(from)) && ROOMS.includes(roomOf(to)));
    expect(rooms.filter(({ from, to }) => roomOf(from) !== roomOf(to))).toEqual([]);
  });

  it('nothing imports a doorway, so that an optional peer is only loaded by who asked for it', () => {
    const entered = own.filter(({ from, to }) => DOORWAYS.includes(roomOf(to)) && roomOf(from) !== roomOf(to));
    expect(entered).toEqual([]);
  });

  it('only skin imports values of Nest; the core can be called by a plain test', () => {
    const nest = imports.filter(({ from, to, typeOnly }) => to.startsWith('@nestjs/') && !typeOnly && !SKIN.test(from));
    // Each exception with its reason: what they do is the border to Nest itself.
    const allowed = [
      'auth-services.providers.ts', // the module's own half
      'auth-services.startup.ts', // the same
      'auth-services.wiring.ts', // the same
      'audit/sinks/console-audit-sink.ts', // makes its Logger where none is given
      'refusal/refusal.ts', // makes the exception of HTTP
      'request/calls.ts', // looks into Nest's consumers of guards and interceptors
      'request/thrown.ts', // looks into Nest's exception handling
      'request/transports/graphql.ts', // makes the exception of GraphQL
      'request/transports/http.ts', // the names of Nest's metadata
      'startup/behind-guards.ts', // the names of Nest's metadata
      'startup/durable-routes.ts', // the names of Nest's metadata
      'startup/guard-placement.ts', // the names of Nest's metadata
      'startup/routes.ts', // the names of Nest's metadata
    ];
    expect(nest.filter(({ from }) => !allowed.includes(from))).toEqual([]);
  });

  it('the main entry imports no optional peer, so that nothing has to be installed for it', () => {
    const peers =
      /^(@nestjs\/(passport|terminus|swagger|graphql|websockets|microservices)|passport|ioredis|redis|prom-client|@opentelemetry)/;
    const found = imports.filter(({ from, to }) => peers.test(to) && !DOORWAYS.includes(roomOf(from)));
    expect(found).toEqual([]);
  });
});
