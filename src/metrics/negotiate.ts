import type { ExpositionFormat } from './exposition.js';

export type MetricsFormat = ExpositionFormat | 'json';

/** What each media range of an Accept header stands for, and how exact it is (RFC 9110, section 12.5.1). */
const RANGES: Readonly<Record<string, { format: MetricsFormat; exactness: number }>> = {
  'application/json': { format: 'json', exactness: 3 },
  'application/openmetrics-text': { format: 'openmetrics', exactness: 3 },
  'text/plain': { format: 'text', exactness: 3 },
  'text/*': { format: 'text', exactness: 2 },
  '*/*': { format: 'text', exactness: 1 },
};

/**
 * The format that a reader asks for: the highest `q`, then the more exact range, then the earlier one. Text when there
 * is no header, or nothing in it that can be served: a scraper is better off with a page than with a 406.
 */
export function negotiate(accept: string | undefined): MetricsFormat {
  let best: MetricsFormat = 'text';
  let bestQuality = 0;
  let bestExactness = 0;
  for (const range of (accept ?? '').split(',', 32)) {
    const [type = '', ...parameters] = range.split(';');
    const name = type.trim().toLowerCase();
    const offer = Object.hasOwn(RANGES, name) ? RANGES[name]! : undefined;
    if (offer === undefined) continue;
    const quality = qualityOf(parameters);
    if (quality > bestQuality || (quality === bestQuality && offer.exactness > bestExactness && quality > 0)) {
      best = offer.format;
      bestQuality = quality;
      bestExactness = offer.exactness;
    }
  }
  return best;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'q') continue;
    const quality = Number(value.trim());
    return quality >= 0 && quality <= 1 ? quality : 0;
  }
  return 1;
}
