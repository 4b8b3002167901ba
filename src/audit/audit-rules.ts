import type { Caller } from '../request/caller.js';

/** Metadata keys are literals, so that two copies of the package in one application agree. */
export const AUDIT_METADATA = 'auth-services:audit';
export const SKIP_AUDIT_METADATA = 'auth-services:skip-audit';

/* oxlint-disable typescript/no-explicit-any -- what a handler returns is the application's own */

/** What `@Audit()` takes. */
export interface AuditRouteOptions {
  /** What the route does, in the application's words: `order.refund`. Default: `Controller.handler`. */
  action?: string | undefined;
  /** This version has `buffered` only: the event is written when the response has ended. @default 'buffered' */
  durability?: 'buffered' | 'durable' | 'intent' | undefined;
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
  readonly metadata: AuditRouteOptions['metadata'];
}

const NO_RULE: AuditRule = { isSkipped: false, isNamed: false, action: undefined, metadata: undefined };

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
  return { isSkipped: false, isNamed: true, action, metadata: word.options.metadata ?? inherited.metadata };
}

function read(target: Function): { readonly isSkipped: boolean; readonly options: AuditRouteOptions | undefined } {
  return {
    isSkipped: Reflect.getMetadata(SKIP_AUDIT_METADATA, target) === true,
    options: Reflect.getMetadata(AUDIT_METADATA, target) as AuditRouteOptions | undefined,
  };
}
