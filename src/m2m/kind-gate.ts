import type { ExecutionContext } from '@nestjs/common';
import type { Callers } from '../request/callers.js';
import { refuse } from '../request/refuse.js';
import { refusalOf, requirementOn, type KindRequirement, type KindRules } from './kind-requirement.js';

/**
 * Lets in callers of one kind. A route that says the other kind on its method is left to the other gate, because a
 * method's word goes before its class's.
 */
export class KindGate {
  /** By class and handler, because controllers may inherit one handler. `undefined`: this gate has no say there. */
  private readonly routes = new WeakMap<Function, WeakMap<Function, KindRequirement | false>>();
  private hasWarned = false;

  constructor(
    private readonly kind: KindRequirement['kind'],
    private readonly callers: Pick<Callers, 'of'>,
    private readonly rules: KindRules,
    private readonly warn: (message: string) => void,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const requirement = this.requirementFor(context.getClass(), context.getHandler());
    if (requirement === false) return true;
    const caller = this.callers.of(context);
    const refusal = refusalOf(requirement, caller, this.rules);
    if (refusal === undefined) return true;
    if (caller.kind === 'unknown' && caller.claims === undefined) this.warnOnce();
    return refuse(context, refusal);
  }

  private requirementFor(controller: Function, handler: Function): KindRequirement | false {
    let handlers = this.routes.get(controller);
    if (handlers === undefined) this.routes.set(controller, (handlers = new WeakMap()));
    let found = handlers.get(handler);
    if (found === undefined) {
      const said = requirementOn(controller, handler);
      // Attached by `@UseGuards()` alone, the guard is its own requirement.
      found = said === undefined ? { kind: this.kind } : said.kind === this.kind && said;
      handlers.set(handler, found);
    }
    return found;
  }

  private warnOnce(): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.warn(
      'A caller was refused because a principal without claims tells neither a person nor a machine. Return the claims from ' +
        'your strategy, validate(payload) { return { ...user, claims: payload } }, or set identity.getClaims or ' +
        'identity.getKind. This is said once.',
    );
  }
}
