import type { Bench } from '../authority.js';

/** How a rule is held at the authority: by what is done over HTTP here, by a test elsewhere that does it over HTTP, as
 * another rule that says the same; or why there is nothing to do for it at the authority. */
export type Proof =
  | { readonly http: (bench: Bench) => Promise<void> }
  | { readonly file: string; readonly test: string }
  | { readonly same: string }
  | { readonly not: string };

export const http = (run: (bench: Bench) => Promise<void>): Proof => ({ http: run });
export const elsewhere = (file: string, test: string): Proof => ({ file, test });
export const same = (rule: string): Proof => ({ same: rule });
export const not = (reason: string): Proof => ({ not: reason });
