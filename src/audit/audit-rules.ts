import type { Caller } from '../request/caller.js';

/** Metadata keys are literals, so that two copies of the package in one application agree. */
export const AUDIT_METADATA = 'auth-services:audit';
export const SKIP_AUDIT_METADATA = 'auth-services:skip-audit';

/* oxlint-disable typescript/no-explicit-any -- what a handler returns is the application's own */

/** When the event of a call is on the disk: see {@link AuditRouteOptions.durability}. */
export type AuditDurability = 'buffered' | 'durable' | 'intent';

/** What `@Audit()` takes. */
export interface AuditRouteOptions {
  /** What the route does, in the application's words: `order.refund`. Default: `Controller.handler`. */
  action?: string | undefined;
  /**
   * - `buffered`: the event is written when the response has ended; nobody waits for it.
   * - `durable`: the event is on the disk before the response leaves. If the disk does not take it within 5 seconds, the
   *   response leaves all the same, since what was done is done: the event stays in the queue, and `status.errors.durable`
   *   counts.
   * - `intent`: a `request_intent` record is on the disk before the handler runs; if it is not within 250 ms, the answer
   *   is 503 `audit_unavailable` and the handler never runs. The outcome is written as with `buffered`, under the same
   *   `requestId`.
   *
   * Both hold once the guards have let the call pass, and need a {@link FileAuditSink}.
   * @default 'buffered'
   */
  durability?: AuditDurability | undefined;
  /**
   * What to add to the event, from the caller and from what the handler returned (of several values, the last). Asked
   * when the handler has succeeded. If it throws, the event is written without, and the mistake is counted.
   */
  metadata?: ((caller: Caller, result: any) => Record<string, unknown>) | undefined;
}

/** What the decorators of a route say: the method's own word goes before its class's. */
export interface AuditRule {
  readonly isSkipped: boolean;
  /** `@Audit()` is there. */
  readonly isNamed: boolean;
  readonly action: string | undefined;
  readonly durability: AuditDurability;
  readonly metadata: AuditRouteOptions['metadata'];
}

const NO_RULE: AuditRule = {
  isSkipped: false,
  isNamed: false,
  action: undefined,
  durability: 'buffered',
  metadata: undefined,
};

/** Reads the decorators of a route once. By class and handler, because controllers may inherit one handler. */
export class AuditRules {
  private readonly rules = new WeakMap<Function, WeakMap<Function, AuditRule>>();

  of(controller: Function | undefined, handler: Function | undefined): AuditRule {
    if (controller === undefined || handler === undefined) return NO_RULE;
    let ofClass = this.rules.get(controller);
    if (ofClass === undefined) this.rules.set(controller, (ofClass = new WeakMap()));
    let rule = ofClass.get(handler);
    if (rule === undefined) ofClass.set(handler, (rule = readRule(controller, handler)));
    return rule;
  }
}

function readRule(controller: Function, handler: Function): AuditRule {
  const own = read(handler);
  const word = own.isSkipped || own.options !== undefined ? own : read(controller);
  if (word.isSkipped) return { ...NO_RULE, isSkipped: true };
  if (word.options === undefined) return NO_RULE;
  const inherited = own.options === undefined ? {} : (read(controller).options ?? {});
  const action = word.options.action ?? `${controller.name}.${handler.name}`;
  return {
    isSkipped: false,
    isNamed: true,
    action,
    durability: word.options.durability ?? inherited.durability ?? 'buffered',
    metadata: word.options.metadata ?? inherited.metadata,
  };
}

function read(target: Function): { readonly isSkipped: boolean; readonly options: AuditRouteOptions | undefined } {
  return {
    isSkipped: Reflect.getMetadata(SKIP_AUDIT_METADATA, target) === true,
    options: Reflect.getMetadata(AUDIT_METADATA, target) as AuditRouteOptions | undefined,
  };
}
