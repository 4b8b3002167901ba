/**
 * Characters that JSON may hold as they are, and that change what a reader sees: DEL and the C1 controls (a terminal
 * obeys them), line separators, everything invisible or that turns the direction of text, tag characters.
 */
const HIDDEN =
  // oxlint-disable-next-line no-misleading-character-class, no-control-regex -- each unit is escaped on its own
  /[\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb]|\udb40[\udc00-\udfff]/g;

const escapeUnits = (text: string): string => {
  let escaped = '';
  for (let index = 0; index < text.length; index++) {
    escaped += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
};

// oxlint-disable-next-line no-control-regex -- DEL is one of them
const BEYOND_ASCII = /[\u007f-\uffff]/;

/** The same JSON, with every character that a reader cannot see, or a terminal obeys, as `\uXXXX`: `JSON.parse` gives it back. */
export function escapeHidden(json: string): string {
  // Nearly all text is plain, and that is known three times as fast.
  return BEYOND_ASCII.test(json) ? json.replace(HIDDEN, escapeUnits) : json;
}
