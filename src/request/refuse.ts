import type { ArgumentsHost } from '@nestjs/common';
import type { Refusal } from '../refusal/refusal.js';
import { recordOf } from './call-record.js';
import { transportOf } from './transports/index.js';

/**
 * Throws the refusal in the form that the transport of `context` delivers, having noted it on the call's record: the one
 * door for every denial. Where the exception's class has to be loaded first, it returns a promise that rejects.
 */
export function refuse(context: ArgumentsHost, refusal: Refusal): never | Promise<never> {
  recordOf(context).refusal = refusal;
  return transportOf(context).refuse(context, refusal);
}
