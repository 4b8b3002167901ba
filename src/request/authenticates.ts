/** A guard class carries this as a static `true` to say that it authenticates: ours does, and anybody's may. */
export const AUTHENTICATES: unique symbol = Symbol.for('nestjs-auth-services.authenticates');
