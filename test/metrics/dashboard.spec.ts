// Under test: the dashboard as it is in the package, against what the page has. Nothing is faked.
import { describe, expect, it } from '@jest/globals';
import { allQueries, dashboard, panels } from '../../tools/dashboard.mjs';
import { FAMILIES } from '../../src/metrics/metric-families.js';
import { busyCollector } from './busy-collector.js';

describe('the dashboard', () => {
  it('shows every metric of the page', () => {
    const asked = allQueries()
      .map(({ expr }) => expr)
      .join('\n');
    expect(Object.values(FAMILIES).filter(({ name }) => !asked.includes(name))).toEqual([]);
  });

  it('asks for nothing that the page has not', () => {
    const page = busyCollector().toPrometheus();
    const asked = new Set(allQueries().flatMap(({ expr }) => expr.match(/\bauth_\w+/g) ?? []));
    expect(asked.size).toBeGreaterThan(10);
    expect([...asked].filter((name) => !page.includes(`\n${name}`))).toEqual([]);
  });

  it('names labels that its series have', () => {
    const named = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr, legendFormat }) => {
        const [, label] = /^\{\{(\w+)\}\}$/.exec(legendFormat) ?? [];
        return label === undefined || label === 'instance' ? [] : [{ expr, by: `by (${label}) (` }];
      }),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ expr, by }) => !expr.includes(by))).toEqual([]);
  });

  it('filters by the chosen jobs and processes everywhere, or a panel would show somebody else', () => {
    const unfiltered = panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) =>
        (expr.match(/auth_\w+(?!\w)(?!\{job=~"\$job",instance=~"\$instance")/g) ?? []).map(
          (name) => `${title}: ${name}`,
        ),
      ),
    );
    expect(unfiltered).toEqual([]);
  });

  it('says of each panel what it means and in which unit, and takes the chosen data source', () => {
    for (const panel of panels) {
      expect(panel.description.length).toBeGreaterThan(20);
      expect(panel.datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      if (panel.type !== 'heatmap') expect(panel.fieldConfig.defaults.unit).toEqual(expect.any(String));
    }
  });

  it('has each panel in a place of its own', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x},${y}`)).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
    }
    expect(Math.max(...panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
