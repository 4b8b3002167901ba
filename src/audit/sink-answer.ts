import { Redactor } from './redact.js';

const MAX_LENGTH = 256;

/** One short line without secrets, for a status that people and endpoints read. Never throws. */
export function describeSinkError(error: unknown): string {
  try {
    const message: unknown = (error as { message?: unknown } | null | undefined)?.message;
    const text = typeof message === 'string' ? message : String(error);
    return new Redactor().text(text.slice(0, MAX_LENGTH)).replaceAll(/[^\x20-\x7e]/g, '?');
  } catch {
    return 'an error that cannot be read';
  }
}

/** May throw where the answer is a trap. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
