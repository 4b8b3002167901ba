import type { AuditRules } from '../audit/audit-rules.js';
import { requirementOn } from '../m2m/kind-requirement.js';
import type { CompiledPolicy } from '../rate-limit/compiled-policy.js';
import type { PolicyRoutes } from '../rate-limit/routes.js';
import type { Handler } from '../request/handler.js';
import { authenticates } from './authenticating-guards.js';
import { guardsOf } from './guard-placement.js';
import { namesOf } from './routes.js';

export interface ReportParts {
  readonly routes: Pick<PolicyRoutes, 'of' | 'isLimited'>;
  readonly rules: Pick<AuditRules, 'of'>;
  /** `auditRequests`. */
  readonly isAudited: boolean;
  /** `rateLimit.perIp`. */
  readonly perIp: { readonly maxRequests: number; readonly windowSeconds: number } | undefined;
}

/**
 * What the application does for each route and message, one line each: which limits hold it, who may call it, what the
 * audit trail will have. Read off the decorators, in the order in which Nest knows them.
 */
export function startupReport(
  handlers: readonly Handler[],
  globalGuards: readonly Function[],
  globalPrefix: string | undefined,
  parts: ReportParts,
): string {
  const rows = handlers.flatMap((handler) =>
    namesOf(handler, globalPrefix).map((name) => [
      name,
      `${handler.controller.name}.${handler.name}`,
      callersOf(handler, globalGuards),
      limitsOf(handler, parts),
      auditOf(handler, parts),
    ]),
  );
  const { perIp } = parts;
  const floor =
    perIp === undefined
      ? ''
      : `\nbefore everything, on HTTP: ${perIp.maxRequests}/${perIp.windowSeconds}s by ip (rateLimit.perIp)`;
  return `what holds where${floor}\n${table([['called', 'handler', 'who', 'limits', 'audit'], ...rows])}`;
}

function callersOf({ controller, method }: Handler, globalGuards: readonly Function[]): string {
  const requirement = requirementOn(controller, method);
  if (requirement?.kind === 'human') return 'people';
  if (requirement !== undefined) {
    const { clientIds, scopes } = requirement;
    const listed = [clientIds && `one of ${clientIds.join(', ')}`, scopes && `with ${scopes.join(' ')}`];
    return ['machines', ...listed.filter((part) => part !== undefined)].join(', ');
  }
  const all = [...globalGuards, ...guardsOf(controller), ...guardsOf(method)];
  const guards = all.filter((guard) => authenticates(guard) !== 'no').map((guard) => guard.name || 'a guard');
  return guards.length === 0 ? 'anybody' : `whom ${[...new Set(guards)].join(' and ')} lets in`;
}

function limitsOf({ controller, method }: Handler, { routes }: ReportParts): string {
  if (!routes.isLimited(controller, method)) return '-';
  const { policies } = routes.of(controller, method);
  return policies.length === 0 ? '-' : policies.map(shownPolicy).join('; ');
}

function shownPolicy({ name, charge, identifier, shadow, m2m, override }: CompiledPolicy): string {
  const by = typeof identifier === 'function' ? 'a function' : identifier;
  const parts = [`${name} ${figures(charge)} by ${by}`];
  if (m2m !== undefined) parts.push(`machines ${figures(m2m.charge)}`);
  if (override !== undefined) parts.push('overridden for some');
  if (shadow) parts.push('in shadow');
  return parts.join(', ');
}

const figures = ({ limit, windowMs, algorithm }: CompiledPolicy['charge']): string =>
  `${limit}/${windowMs / 1000}s${algorithm === 'sliding-window' ? '' : ` (${algorithm})`}`;

function auditOf({ controller, method }: Handler, { rules, isAudited }: ReportParts): string {
  const { isSkipped, isNamed, action, durability } = rules.of(controller, method);
  if (isSkipped) return 'refusals and failures';
  if (!isNamed) return isAudited ? 'yes' : '-';
  return durability === 'buffered' ? action! : `${action!}, ${durability}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_cell, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
