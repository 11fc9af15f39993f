import { LeaseholdError } from './problems.js';
import { keysOf, verifyKeyset } from './keyset.js';
import type { Message } from './route-row.js';
import type { Ed25519Verifier, PublicJwk } from './seal.js';
import { verifyToken } from './tokens.js';

type Statement = Message<'StatementClaims'>;

/** Verifies a statement of usage down to the pinned roots, with nothing but the file. Throws what `verifyKeyset` and
 * `verifyToken` throw. */
export async function verifyStatement(
  file: Pick<Message<'StatementReply'>, 'statement' | 'keyset'>,
  roots: readonly (PublicJwk & { readonly kid: string })[],
  ed25519: Ed25519Verifier,
): Promise<Statement> {
  const keyset = await verifyKeyset(file.keyset, roots, ed25519);
  const claims = await verifyToken('statement', file.statement, {
    ed25519,
    keys: keysOf(keyset),
    expect: { iss: keyset.iss },
  });
  const sums = sumOf(claims.lines);
  if (sums.jobs !== claims.totals.jobs || sums.bytes !== claims.totals.bytes) {
    throw new LeaseholdError('TOKEN_CLAIMS', 'The totals of the statement are not the sums of its lines.');
  }
  return claims;
}

/** Jobs and bytes of some lines, in sum; bytes in whole numbers up to 9 PB exactly. */
export function sumOf(lines: Statement['lines']): { readonly jobs: number; readonly bytes: number } {
  return {
    jobs: lines.reduce((sum, line) => sum + line.jobs, 0),
    bytes: lines.reduce((sum, line) => sum + line.bytes, 0),
  };
}

/** A statement as CSV (RFC 4180). Text that a spreadsheet would take for a formula begins with an apostrophe. */
export function statementCsv(claims: Statement): string {
  const rows = claims.lines.map(({ instance, name, kind, jobs, bytes }) => {
    return [claims.month, claims.companyId ?? '', claims.companyName ?? '', instance, name ?? '', kind, jobs, bytes];
  });
  const head = ['month', 'company', 'company_name', 'instance', 'name', 'kind', 'jobs', 'bytes'];
  return [head, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
