import type { Request } from 'express';
import type { Caller } from 'nestjs-auth-services';

const PARTNERS: ReadonlyMap<string, string> = new Map([
  ['key-of-acme', 'acme'],
  ['key-of-globex', 'globex'],
]);

/**
 * The partner whose API key came with the request. A key that nobody was given counts for nobody, so the address is
 * counted: else each made-up key would bring a quota of its own.
 */
export function partnerOf(caller: Caller<Request>): string | undefined {
  return PARTNERS.get(caller.request.get('x-api-key') ?? '');
}
