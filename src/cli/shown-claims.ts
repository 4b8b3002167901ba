/** Claims that are times: people read a date more easily than seconds. */
const TIMES: readonly string[] = ['exp', 'iat', 'nbf', 'auth_time', 'updated_at'];

const LONGEST_VALUE = 500;
const MOST_CLAIMS = 200;

/** The claims as text for a terminal: one on a line, times with their date, long ones cut, control characters escaped. */
export function shownClaims(claims: unknown): string {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return `  ${shownValue(claims)}`;
  const entries = Object.entries(claims);
  const lines = entries
    .slice(0, MOST_CLAIMS)
    .map(([name, value]) => `  ${shownText(name)}: ${shownValue(value)}${dateOf(name, value)}`);
  if (entries.length > MOST_CLAIMS) lines.push(`  … and ${entries.length - MOST_CLAIMS} more`);
  return lines.length === 0 ? '  (none)' : lines.join('\n');
}

/** A text of a stranger's without its quotes, on one line, cut, and with nothing that a terminal obeys. */
export function shownText(text: string): string {
  return oneLine(JSON.stringify(text).slice(1, -1));
}

function shownValue(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Nested deeper than can be written.
  }
  return oneLine(text ?? '(cannot be shown)');
}

function oneLine(json: string): string {
  const text = json.length > LONGEST_VALUE ? `${json.slice(0, LONGEST_VALUE)}…` : json;
  // JSON leaves DEL, the C1 controls and the marks of writing direction as they are; a terminal would obey them.
  return text.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function dateOf(name: string, value: unknown): string {
  if (!TIMES.includes(name) || typeof value !== 'number') return '';
  const date = new Date(value * 1000);
  return Number.isNaN(date.getTime()) ? '' : `  (${date.toISOString()})`;
}
