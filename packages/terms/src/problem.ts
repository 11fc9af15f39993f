/** What can be wrong with the input of a judgement. `INPUT_INVALID`: the question itself; `FACTS_INVALID`: what is known;
 * `UNKNOWN_ID`: a question about something the facts do not hold; `DUPLICATE_ID`: one id stands for two things;
 * `UNKNOWN_ACTION`: no rule of this profile speaks of it; `CATALOG_INVALID`: a vendor's catalog that cannot be read; `CATALOG_TOO_NEW`: one that asks
 * for a later engine: keep the last one. */
export type TermsErrorCode =
  | 'INPUT_INVALID'
  | 'FACTS_INVALID'
  | 'UNKNOWN_ID'
  | 'DUPLICATE_ID'
  | 'UNKNOWN_ACTION'
  | 'CATALOG_INVALID'
  | 'CATALOG_TOO_NEW';

/** Input that cannot be judged. `path` names the wrong part (`given.licenses[0].validUntil`), the message says what to do. */
export class TermsError extends Error {
  override readonly name: string = 'TermsError';
  readonly code: TermsErrorCode;
  readonly path: string;

  constructor(code: TermsErrorCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
