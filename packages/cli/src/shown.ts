/** What moves the cursor, breaks the line or turns the direction of writing: controls, and those of bidirectional text. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text of somebody else as it may stand in a line of a terminal. A machine or a company may be named so that it writes
 * over what stands before it. */
export function shown(text: string): string {
  return text.replaceAll(HIDDEN, (each) => `\\u{${each.codePointAt(0)!.toString(16)}}`);
}
