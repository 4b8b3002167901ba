import { RESPONSE_PASSTHROUGH_METADATA, ROUTE_ARGS_METADATA, SSE_METADATA } from '@nestjs/common/constants.js';
import { AuditRules } from '../audit/audit-rules.js';
import { OptionsError } from '../options/options-error.js';
import type { Handler } from '../request/handler.js';

/** Nest's numbers for `@Res()` and `@Next()` in the metadata of a handler's parameters. */
const RESPONSE_PARAMETER = /^[12]:/;
const SUBSCRIPTION = 'Subscription';
const RESOLVER_TYPE = 'graphql:resolver_type';

const rules = new AuditRules();

/**
 * Refuses `durability: 'durable'` and `'intent'` where they cannot hold: nothing waits for the end of a stream of events,
 * for what a handler sends by itself, or for a disk that no sink writes to.
 */
export function checkDurability({ controller, name, method }: Handler, canConfirm: boolean): void {
  const { durability } = rules.of(controller, method);
  if (durability === 'buffered') return;
  const why = obstacleTo(controller, name, method, canConfirm);
  if (why === undefined) return;
  throw new OptionsError(
    'ERR_AUTH_SERVICES_AUDIT_DURABILITY',
    `@Audit({ durability: '${durability}' }) on ${controller.name}.${name} cannot hold: ${why}`,
  );
}

function obstacleTo(controller: Function, name: string, method: Function, canConfirm: boolean): string | undefined {
  if (!canConfirm) return "no sink can confirm. Put a FileAuditSink with fsync 'batch' into audit.sinks.";
  if (
    Reflect.getMetadata(SSE_METADATA, method) === true ||
    Reflect.getMetadata(RESOLVER_TYPE, method) === SUBSCRIPTION
  ) {
    return 'its answer is a stream of events, which has left before it is over. Use audit.append() for what must be durable.';
  }
  if (sendsByItself(controller, name)) {
    return 'it sends the response by itself. Use @Res({ passthrough: true }), or return the answer.';
  }
  return undefined;
}

function sendsByItself(controller: Function, name: string): boolean {
  if (Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, controller, name) === true) return false;
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as object;
  return Object.keys(parameters).some((key) => RESPONSE_PARAMETER.test(key));
}
