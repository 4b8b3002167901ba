import type { CompiledPolicy } from './compiled-policy.js';
import { notesOn } from './metadata.js';
import type { PolicyBook } from './policy-book.js';

/** The policies of one route, sorted by when they can be decided. */
export interface CompiledRoute {
  /** All but the leases. */
  readonly policies: readonly CompiledPolicy[];
  /** Those that need no caller: they count before authentication. */
  readonly early: readonly CompiledPolicy[];
  /** Those that wait for the caller, if none is known at the guard. */
  readonly late: readonly CompiledPolicy[];
  /** Those that always wait until all guards have passed: a lease is for a handler that will run. */
  readonly leases: readonly CompiledPolicy[];
  /** `@RateLimit()` is on the method or the class; otherwise they are those of every route. */
  readonly isDecorated: boolean;
}

const UNLIMITED: CompiledRoute = { policies: [], early: [], late: [], leases: [], isDecorated: false };

/**
 * The policies of each class and handler, worked out the first time it is asked for. A handler that several classes
 * inherit counts apart for each, and two classes of one name are told apart.
 */
export class PolicyRoutes {
  private readonly byClass = new WeakMap<Function, WeakMap<Function, CompiledRoute>>();
  private readonly classNames = new WeakMap<Function, string>();
  private readonly namesInUse = new Map<string, number>();

  constructor(
    private readonly book: PolicyBook,
    /** Every handler is limited, decorated or not. */
    private readonly isGlobal: boolean,
  ) {}

  /** Whether the late guard must stand behind the guards of this handler. */
  isLimited(controller: Function, handler: Function): boolean {
    return this.isGlobal || notesOn(controller, handler).policies !== undefined;
  }

  /** Whether the handler's end has to be seen, on HTTP too: it holds a lease until then. */
  holdsLease(controller: Function, handler: Function): boolean {
    const refs = notesOn(controller, handler).policies ?? [this.book.defaultPolicy];
    return this.isLimited(controller, handler) && refs.some((ref) => this.book.holdsLease(ref));
  }

  of(controller: Function, handler: Function): CompiledRoute {
    let handlers = this.byClass.get(controller);
    if (handlers === undefined) this.byClass.set(controller, (handlers = new WeakMap()));
    let route = handlers.get(handler);
    if (route === undefined) handlers.set(handler, (route = this.compile(controller, handler)));
    return route;
  }

  private compile(controller: Function, handler: Function): CompiledRoute {
    const notes = notesOn(controller, handler);
    if (notes.skipsAll) return UNLIMITED;
    const place = `route:${this.nameOf(controller)}.${handler.name}`;
    const all = this.book.compile(
      notes.policies ?? [this.book.defaultPolicy],
      `@RateLimit() on ${controller.name}.${handler.name}`,
      (_policy, index) => `${place}[${index}]`,
    );
    const asked = all.filter((policy) => !notes.skips.includes(policy.name));
    const isDecorated = notes.policies !== undefined;
    // Where no late guard stands, nothing would ever decide what was put off.
    if (!isDecorated && !this.isGlobal) return { policies: asked, early: asked, late: [], leases: [], isDecorated };
    const policies = asked.filter((policy) => !mayLease(policy));
    return {
      policies,
      early: policies.filter((policy) => policy.needsNoCaller),
      late: policies.filter((policy) => !policy.needsNoCaller),
      leases: asked.filter(mayLease),
      isDecorated,
    };
  }

  /** The class's name, with a number from the second of that name on, in the order in which they are met. */
  private nameOf(controller: Function): string {
    const known = this.classNames.get(controller);
    if (known !== undefined) return known;
    const count = (this.namesInUse.get(controller.name) ?? 0) + 1;
    this.namesInUse.set(controller.name, count);
    const name = count === 1 ? controller.name : `${controller.name}~${count}`;
    this.classNames.set(controller, name);
    return name;
  }
}

const mayLease = ({ isLease, m2m }: CompiledPolicy): boolean => isLease || m2m?.isLease === true;
