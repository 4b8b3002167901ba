// Real: promtool, the rules and their unit tests as they are in the repository. Nothing is faked.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { busyCollector } from './busy-collector.js';
import { promtool } from './promtool.js';

const folder = mkdtempSync(join(tmpdir(), 'alert-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULES = readFileSync('prometheus/rules.yml', 'utf8');
const TESTS = readFileSync('prometheus/rules.test.yml', 'utf8');
/** The head of the file, and each alert. */
const parts = RULES.split(/^(?= {6}- alert: )/m);
const alerts = parts.slice(1).map((text) => ({ text, name: /alert: (\w+)/.exec(text)![1]! }));
/** Each case of the unit tests, as what it says of each moment: all alerts that fire then. */
const cases = TESTS.split(/^ {2}- interval/m).slice(1);

const metricsIn = (text: string): string[] => text.match(/\bauth_\w+/g) ?? [];

it('are rules as Prometheus reads them, and pass their unit tests', () => {
  expect(promtool(['check', 'rules', 'prometheus/rules.yml'])).toMatchObject({ status: 0 });
  expect(promtool(['test', 'rules', 'prometheus/rules.test.yml'])).toMatchObject({ status: 0 });
  expect(alerts.length).toBeGreaterThan(10);
});

it('have each a unit test in which they fire: none of them is missed when none of them ever does', () => {
  cpSync('prometheus/rules.test.yml', join(folder, 'rules.test.yml'));
  writeFileSync(
    join(folder, 'rules.yml'),
    RULES.replace(/expr: [^]*?(?=\n {8}(?:for|labels):)/g, 'expr: vector(1) > 1'),
  );
  const { status, output } = promtool(['test', 'rules', join(folder, 'rules.test.yml')]);
  expect(status).toBe(1);
  expect(alerts.filter(({ name }) => !output.includes(`alertname="${name}"`)).map(({ name }) => name)).toEqual([]);
});

describe.each(alerts)('$name', ({ name, text }) => {
  it('has a unit test in which it is silent, though there is something that it looks at', () => {
    const silent = cases.filter(
      (each) =>
        metricsIn(text).some((metric) => each.includes(`'${metric}{`)) &&
        each
          .split('eval_time')
          .slice(1)
          .some((moment) => !moment.includes(`"${name}"`)),
    );
    expect(silent.length).toBeGreaterThan(0);
  });

  it('says how bad it is, what has happened and what to look at', () => {
    expect(text).toMatch(/labels: \{ severity: (critical|warning|info) \}/);
    expect(text).toMatch(/summary: '.{20,}'/);
    expect(text).toMatch(/description: '.{20,}'/);
  });
});

it('ask for metrics that the page has from the start, so that the first event is an increase', () => {
  const fresh = new MetricsCollector().toPrometheus();
  const asked = new Set(RULES.match(/\bauth_\w+(?=[{[()])/g));
  // Policies have no series before their first decision, and their rule compares rates that go on.
  asked.delete('auth_rate_limit_decisions_total');
  expect([...asked].filter((name) => !fresh.includes(`\n${name}`))).toEqual([]);
  expect(busyCollector().toPrometheus()).toContain('\nauth_rate_limit_decisions_total{');
});

it('are tested with metrics that the page has', () => {
  const page = busyCollector().toPrometheus();
  const names = new Set(TESTS.match(/\bauth_\w+(?=\{)/g));
  expect(names.size).toBeGreaterThan(8);
  expect([...names].filter((name) => !page.includes(`\n${name}`))).toEqual([]);
});
