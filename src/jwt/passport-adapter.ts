import passport from 'passport';
import type { AuthEvents } from '../events/auth-events.js';
import { rawOf } from '../request/http-message.js';
import { findRecord } from '../request/record.js';
import { bearerOfRequest } from './bearer.js';
import { tell } from './telling.js';
import type { TokenDecision, TokenVerifier } from './token-verifier.js';

/** The name under which passport-jwt's strategies are registered unless told otherwise. */
const NAME = 'jwt';
const OURS = Symbol.for('nestjs-auth-services.passport-strategy');

/** What passport adds to a strategy for one request. */
interface Actions {
  success(user: object): void;
  fail(challenge: Error, status: number): void;
  error(error: unknown): void;
}

/** The verifier as a strategy of passport, so that `AuthGuard('jwt')` and `passport.authenticate('jwt')` decide as our guard does. */
class PassportAdapter {
  readonly name = NAME;
  readonly [OURS] = true;

  constructor(
    private readonly verifier: TokenVerifier,
    private readonly events: Pick<AuthEvents, 'publish'> | undefined,
    private readonly unavailable: (retryAfterSeconds: number) => Error,
  ) {}

  /** Called by passport on a copy of this object that has its {@link Actions}. */
  authenticate(this: PassportAdapter & Actions, request: object): void {
    const startedAt = performance.now();
    const token = bearerOfRequest(request);
    const record = findRecord(rawOf(request));
    if (token === undefined) {
      if (record !== undefined) Object.assign(record, { validated: true, authFailure: 'missing' });
      this.fail(failure('missing'), 401);
      return;
    }
    const settle = (decision: TokenDecision): void => {
      tell(this.events, record, decision, startedAt);
      if (decision.accepted) this.success(decision.user);
      else if (decision.category === 'keys_unavailable' && this.verifier.onUnavailable === 503) {
        this.error(this.unavailable(decision.retryAfterSeconds ?? 1));
      } else this.fail(failure(decision.category), 401);
    };
    const decision = this.verifier.verify(token ?? '');
    if (decision instanceof Promise) decision.then(settle, (error: unknown) => this.error(error));
    else settle(decision);
  }
}

/** What passport's users find in `info`: the category as the error's name, and nothing of the token. */
function failure(category: string): Error {
  const error = new Error('Unauthorized');
  error.name = category;
  return error;
}

/**
 * Registers the verifier with passport under the name `jwt`, unless the application has a strategy of its own there.
 * Returns the function that takes it away again.
 */
export function registerWithPassport(
  verifier: TokenVerifier,
  events: Pick<AuthEvents, 'publish'> | undefined,
  unavailable: (retryAfterSeconds: number) => Error,
): () => void {
  const registry = passport as unknown as {
    use(strategy: object): void;
    unuse(name: string): void;
    _strategy(name: string): object | undefined;
  };
  const present = registry._strategy(NAME);
  if (present !== undefined && !(OURS in present)) return () => undefined;
  const adapter = new PassportAdapter(verifier, events, unavailable);
  registry.use(adapter);
  return () => {
    if (registry._strategy(NAME) === adapter) registry.unuse(NAME);
  };
}
