import { LeaseholdError } from './problems.js';

/** Exchange files are text: a mail, a form and a QR code carry them as well as a stick does. */
export type ExchangeKind = 'REQUEST' | 'RESPONSE';

const LINE = 76;

/** A response brings its keyset along: the machine may never have seen a newer one. */
export interface ExchangeResponse {
  readonly keyset: string;
  readonly token: string;
}

export function formatExchange(kind: ExchangeKind, content: string): string {
  const lines = content.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [`-----BEGIN LEASEHOLD ${kind}-----`, ...lines, `-----END LEASEHOLD ${kind}-----`, ''].join('\n');
}

export function formatResponse({ keyset, token }: ExchangeResponse): string {
  return formatExchange('RESPONSE', `${keyset}~${token}`);
}

/** Does this text say of itself that it is an exchange file of this kind? */
export function isExchange(kind: ExchangeKind, text: string): boolean {
  return text.includes(`-----BEGIN LEASEHOLD ${kind}-----`);
}

/** What stands between the first and the last line of a file, or the bare content, as a QR code carries it. Throws
 * TOKEN_MALFORMED for a torn file, and for one of the other kind. */
export function readExchange(kind: ExchangeKind, text: string): string {
  const [, found, inner, end] =
    /-----BEGIN LEASEHOLD (\w+)-----([\s\S]*?)(?:-----END LEASEHOLD (\w+)-----|$)/.exec(text) ?? [];
  if (found !== undefined && (found !== kind || end !== kind)) {
    const what =
      found === kind ? 'The file is torn: its last line is missing.' : `This is a ${found.toLowerCase()} file.`;
    throw malformed(`${what} A whole ${kind.toLowerCase()} file is needed.`);
  }
  const content = (inner ?? text).replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9_.~-]+$/.test(content)) throw malformed(`This is no ${kind.toLowerCase()} file.`);
  return content;
}

/** The two tokens of a response file. Throws TOKEN_MALFORMED. */
export function readResponse(text: string): ExchangeResponse {
  const [keyset, token, ...rest] = readExchange('RESPONSE', text).split('~');
  if (keyset === undefined || token === undefined || rest.length > 0) throw malformed('The response file is torn.');
  return { keyset, token };
}

function malformed(sentence: string): LeaseholdError {
  return new LeaseholdError('TOKEN_MALFORMED', sentence, {
    path: 'file',
    remedy: 'Carry the whole file over, with its first and its last line.',
  });
}
