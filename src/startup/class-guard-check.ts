import { OptionsError } from '../options/options-error.js';
import type { Handler } from '../request/handler.js';
import { authenticates } from './authenticating-guards.js';
import { guardsOf, type IsPlacedLast } from './guard-placement.js';
import { handlersOf, isRoute } from './routes.js';

/**
 * `@HumanOnly()` or `@M2MOnly()` on a class runs before the guards of its methods. Where the only authentication is on a
 * method, it would refuse everybody there with a 401: refused at start if that is certain, said if only a name
 * suggests it.
 */
export function checkClassGuards(
  controller: Function,
  globalGuards: readonly Function[],
  isPlacedLast: IsPlacedLast,
  warn: (message: string) => void,
): void {
  const onClass = guardsOf(controller);
  const ours = onClass.find(isPlacedLast);
  if (ours === undefined || [...globalGuards, ...onClass].some((guard) => authenticates(guard) !== 'no')) return;
  for (const handler of handlersOf(controller).filter(isRoute)) {
    const late = guardsOf(handler.method).find((guard) => authenticates(guard) !== 'no');
    if (late === undefined) continue;
    const message = messageFor(handler, ours, late);
    if (authenticates(late) === 'surely') throw new OptionsError('ERR_AUTH_SERVICES_GUARD_ORDER', message);
    warn(message);
  }
}

function messageFor({ controller, name }: Handler, ours: Function, late: Function): string {
  const decorator = `@${ours.name.replace(/Guard$/, '')}()`;
  return (
    `${decorator} on class ${controller.name} runs before ${late.name || 'the guard'} on its method ${name}(), ` +
    `so nobody is known yet and every call would be refused. ` +
    `Move @UseGuards(${late.name}) to the class, or ${decorator} to the method.`
  );
}
