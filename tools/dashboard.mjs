// What the dashboard asks, as Prometheus takes it: Grafana's own words replaced.
import { readFileSync } from 'node:fs';

export const dashboard = JSON.parse(readFileSync(new URL('../grafana/auth-services.json', import.meta.url), 'utf8'));

/** Every panel that asks something, in the order of the page. */
export const panels = dashboard.panels.filter(({ targets }) => targets !== undefined);

/** `window` stands for the time that rates and increases are taken over. */
export function expressionOf(grafana, { window = '15s', range = window } = {}) {
  return grafana
    .replaceAll('$__rate_interval', window)
    .replaceAll('$__range', range)
    .replaceAll(/\$(?:job|instance)\b/g, '.*')
    .replace(/^label_values\((.+), (\w+)\)$/, 'group by ($2) ($1)');
}

/** Every query there is: panels, annotations and variables. */
export function allQueries() {
  const { annotations, templating } = dashboard;
  return [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
    ...annotations.list.map(({ name, expr }) => ({ where: `annotation ${name}`, expr })),
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({ where: `variable ${name}`, expr: query.query })),
  ];
}
