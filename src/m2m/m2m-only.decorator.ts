import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { list, shape, string, typeError, type Check } from '../options/check.js';
import { onlyOneKind } from './kind-decorator.js';
import { KIND_METADATA, type KindRequirement } from './kind-requirement.js';
import { M2MOnlyGuard } from './m2m-only.guard.js';

/** Which machines `@M2MOnly()` lets in. */
export interface M2MOnlyOptions {
  /** Any one of these clients. Default: every machine. */
  clientIds?: readonly string[] | undefined;
  /** All of these scopes. Default: none is asked for. */
  scopes?: readonly string[] | undefined;
}

const someStrings: Check = (value, path) => {
  list(string)(value, path);
  // An empty list could mean "nobody" or "anybody": nobody can tell which was meant.
  if ((value as unknown[]).length === 0) throw typeError(path, 'an array of at least one, or left out', value);
};

const checkOptions = shape<M2MOnlyOptions>({ clientIds: someStrings, scopes: someStrings });

/**
 * A route, or each route of a class, for machines only: a person gets a 403 `m2m_only`, and so do a caller whose claims
 * do not tell and a machine that is not listed or lacks a scope. Its place beside `@UseGuards()` does not matter. On a
 * method it goes before what the class says.
 *
 * @throws OptionsError for an empty list or what is no text, and where `@HumanOnly()` or `@M2MOnly()` is already.
 *
 * @example
 * ```ts
 * @M2MOnly({ clientIds: ['billing'], scopes: ['orders/write'] })
 * @Post('orders/sync')
 * sync() {}
 * ```
 */
export function M2MOnly(options: M2MOnlyOptions = {}): MethodDecorator & ClassDecorator {
  checkOptions(options, '@M2MOnly()');
  const { clientIds, scopes } = options;
  const requirement: KindRequirement = { kind: 'm2m', clientIds, scopes };
  return onlyOneKind('@M2MOnly()', applyDecorators(SetMetadata(KIND_METADATA, requirement), UseGuards(M2MOnlyGuard)));
}
