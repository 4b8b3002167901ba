import type { IncomingMessage, ServerResponse } from 'node:http';

/** As much of light-my-request's answer as is needed: https://github.com/fastify/light-my-request#injectdispatchfunc-options-callback */
interface Injected {
  readonly raw: { readonly req: IncomingMessage; readonly res: ServerResponse };
}
type Done = (error: unknown, answer?: Injected) => void;
interface Chain {
  then(resolve?: (answer: Injected) => unknown, reject?: (error: unknown) => unknown): PromiseLike<unknown>;
}
interface Injectable {
  inject(options: unknown, done?: Done): Chain | undefined;
}

/**
 * Tells of each request that has gone through Fastify's `inject`, when it has been answered. No hook and no server sees
 * two of them: an address that cannot be decoded, and what a middleware of Nest's answers by itself.
 *
 * Returns the function that takes it back.
 */
export function observeInject(
  instance: Injectable,
  answered: (request: IncomingMessage, response: ServerResponse) => void,
): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- called below with the instance it was taken from
  const original = instance.inject;
  const tell = (answer: Injected | undefined): void => answer && answered(answer.raw.req, answer.raw.res);
  instance.inject = function inject(this: Injectable, options: unknown, done?: Done): Chain | undefined {
    if (done !== undefined) {
      return original.call(this, options, (error, answer) => {
        tell(answer);
        done(error, answer);
      });
    }
    const chain = original.call(this, options)!;
    const then = chain.then.bind(chain);
    // oxlint-disable-next-line unicorn/no-thenable -- it is one already
    chain.then = (resolve, reject) =>
      then((answer) => {
        tell(answer);
        return answer;
      }).then(resolve as never, reject);
    return chain;
  };
  return () => {
    instance.inject = original;
  };
}
