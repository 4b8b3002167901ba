/** Prometheus's text format 0.0.4, or OpenMetrics 1.0.0. */
export type ExpositionFormat = 'text' | 'openmetrics';

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'unknown';

export interface MetricFamily {
  /** Without the `_total` that the samples of a counter end in. */
  readonly name: string;
  readonly type: MetricType;
  /** Without backslashes, quotes and line breaks. */
  readonly help: string;
  /** OpenMetrics only; the name ends in it. */
  readonly unit?: 'seconds' | undefined;
}

/**
 * The lines that introduce a family's samples.
 *
 * The text format (https://prometheus.io/docs/instrumenting/exposition_formats/) names a counter's family with
 * `_total`, OpenMetrics (https://prometheus.io/docs/specs/om/open_metrics_spec/) without.
 */
export function header(family: MetricFamily, format: ExpositionFormat): string {
  const { name, type, help, unit } = family;
  if (format === 'openmetrics') {
    const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`;
    return flat(`# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help}\n`);
  }
  const sampleName = type === 'counter' ? `${name}_total` : name;
  return flat(`# HELP ${sampleName} ${help}\n# TYPE ${sampleName} ${type === 'unknown' ? 'untyped' : type}\n`);
}

/** The beginning of a sample, up to its value: a metric's name with its labels, whatever their values hold. */
export function series(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return flat(pairs.length === 0 ? `${name} ` : `${name}{${pairs.join(',')}} `);
}

/** The value of `le`: OpenMetrics wants a float. */
export function bucketBound(seconds: number, format: ExpositionFormat): string {
  if (seconds === Infinity) return '+Inf';
  return format === 'openmetrics' && Number.isInteger(seconds) ? `${seconds}.0` : `${seconds}`;
}

export function endOfPage(format: ExpositionFormat): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}

/** The same three escapes in both formats. */
function escaped(value: string): string {
  return value.replace(/[\\\n"]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** What is concatenated stays a tree of its parts, several times as large, until it is copied. These strings are kept. */
const flat = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
