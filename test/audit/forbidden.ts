/** Code points that no line may hold as they are. */
export const FORBIDDEN = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
] as const;

/** The first of them in a text, in hexadecimal. */
export function forbiddenIn(text: string): string | undefined {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (FORBIDDEN.some(([from, to]) => code >= from && code <= to)) return code.toString(16);
  }
  return undefined;
}
