/**
 * A mistake in the options, found at start: the message names the option's path, the value it has, and the fix.
 *
 * The `code` is stable: match on it, not on the message.
 *
 * @example
 * ```ts
 * try {
 *   AuthServicesModule.forRoot({ rateLimit: { default: { windowSeconds: -1 } } });
 * } catch (error) {
 *   if (error instanceof OptionsError) console.error(error.code, error.message);
 * }
 * ```
 */
export class OptionsError extends TypeError {
  override readonly name = 'OptionsError';

  constructor(
    readonly code: `ERR_AUTH_SERVICES_${string}`,
    message: string,
  ) {
    super(message);
  }
}
