import { createHash, timingSafeEqual } from 'node:crypto';
import type { MetricsOptions } from './metrics.options.js';

export type MetricsAccessVerdict = 'allowed' | 'unauthenticated' | 'forbidden';

type AccessOptions = Pick<MetricsOptions, 'token' | 'authorize' | 'allowAnonymous'>;

/** Decides who may read the metrics. Without an option that lets somebody in, nobody may. */
export class MetricsAccess {
  private readonly tokenDigest: Buffer | undefined;

  /** `onAuthorizeError` is told of an error in the application's `authorize`, which denies. */
  constructor(
    private readonly options: AccessOptions,
    private readonly onAuthorizeError: (error: unknown) => void = () => undefined,
  ) {
    this.tokenDigest = options.token === undefined ? undefined : digestOf(options.token);
  }

  /** Answers at once unless `authorize` has to be waited for. */
  check(request: {
    readonly headers: { readonly authorization?: string | undefined };
  }): MetricsAccessVerdict | Promise<MetricsAccessVerdict> {
    if (this.options.allowAnonymous === true || this.hasToken(request.headers.authorization)) return 'allowed';
    if (this.options.authorize !== undefined) return this.authorize(request);
    return this.tokenDigest === undefined ? 'forbidden' : 'unauthenticated';
  }

  /** Digests have one length, so the comparison takes as long for any token. */
  private hasToken(authorization: string | undefined): boolean {
    if (this.tokenDigest === undefined || authorization === undefined) return false;
    const given = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
    return given !== undefined && timingSafeEqual(digestOf(given), this.tokenDigest);
  }

  private authorize(request: unknown): MetricsAccessVerdict | Promise<MetricsAccessVerdict> {
    try {
      const answer = this.options.authorize!(request);
      return typeof answer === 'boolean' ? verdictOf(answer) : Promise.resolve(answer).then(verdictOf, this.failed);
    } catch (error) {
      return this.failed(error);
    }
  }

  private readonly failed = (error: unknown): MetricsAccessVerdict => {
    this.onAuthorizeError(error);
    return 'forbidden';
  };
}

/** Nothing but `true`: an object that happens to be truthy, such as a user, is not a yes. */
const verdictOf = (answer: unknown): MetricsAccessVerdict => (answer === true ? 'allowed' : 'forbidden');

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
