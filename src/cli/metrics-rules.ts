import { handOut } from './hand-out.js';

/** The alert rules, as a file for `rule_files` of Prometheus. */
export const metricsRules = handOut(
  'metrics rules',
  'prometheus/rules.yml',
  'Alert rules for Prometheus, as YAML for its rule_files: each with a threshold to change.',
);
