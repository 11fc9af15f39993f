import { toBase64Url, utf8 } from './bytes.js';
import { isStatementPart, isStatementSeal } from './generated/guards.js';
import type { Sha256 } from './journal.js';
import { keysOf, verifyKeyset } from './keyset.js';
import { linesOf } from './lines.js';
import { LeaseholdError } from './problems.js';
import type { Message } from './route-row.js';
import type { Ed25519Verifier, PublicJwk } from './seal.js';
import { parseStrict } from './strict-json.js';
import { verifyToken } from './tokens.js';

type Claims = Message<'StatementClaims'>;
type Part = Message<'StatementPart'>;
export type StatementRecord = Part['records'][number];

/** What the seal of a statement says of its parts, taken up one by one: both ends sum and hash alike, and neither holds
 * more than one part. Bytes in whole numbers up to 9 PB exactly. */
export class StatementSum {
  readonly #sha256: Sha256;
  #parts = 0;
  #digest: Uint8Array = new Uint8Array(32);
  #last: string | undefined;
  #totals = { machines: 0, jobs: 0, bytes: 0 };

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  /** Takes up a part and the line of the file that it is. */
  async add({ records }: Part, line: string): Promise<void> {
    const text = utf8(line);
    const chained = new Uint8Array(32 + text.length);
    chained.set(this.#digest);
    chained.set(text, 32);
    this.#digest = await this.#sha256(chained);
    this.#parts += 1;
    for (const { instance, jobs, bytes } of records) {
      if (instance !== this.#last) this.#totals.machines += 1;
      this.#last = instance;
      this.#totals.jobs += jobs;
      this.#totals.bytes += bytes;
    }
  }

  claims(): Pick<Claims, 'parts' | 'digest' | 'totals'> {
    return { parts: this.#parts, digest: toBase64Url(this.#digest), totals: { ...this.#totals } };
  }
}

/** Verifies a statement of usage down to the pinned roots, line by line, with nothing but the file. `each` is told the
 * records of every part as it comes, before the seal has spoken for them: what it makes of them counts only when this
 * resolves. Throws what `verifyKeyset` and `verifyToken` throw, and TOKEN_MALFORMED or TOKEN_SIGNATURE where a part is
 * missing, added, moved or changed. */
export async function verifyStatement(
  file: AsyncIterable<string>,
  roots: readonly (PublicJwk & { readonly kid: string })[],
  { ed25519, sha256 }: { readonly ed25519: Ed25519Verifier; readonly sha256: Sha256 },
  each: (records: readonly StatementRecord[]) => void = () => undefined,
): Promise<Claims> {
  const sum = new StatementSum(sha256);
  let seal: Message<'StatementSeal'> | undefined;
  for await (const line of linesOf(file)) {
    const value = parseStrict(line, 'A line of the statement');
    if (seal !== undefined) throw malformed('The statement goes on after its seal.');
    if (isStatementSeal(value)) seal = value;
    else if (isStatementPart(value)) {
      await sum.add(value, line);
      each(value.records);
    } else throw malformed('A line of the statement is neither records nor its seal.');
  }
  if (seal === undefined) throw malformed('The statement breaks off before its seal.');
  const keyset = await verifyKeyset(seal.keyset, roots, ed25519);
  const how = { ed25519, keys: keysOf(keyset), expect: { iss: keyset.iss } };
  const claims = await verifyToken('statement', seal.statement, how);
  const { parts, digest, totals } = sum.claims();
  const { machines, jobs, bytes } = claims.totals;
  if (claims.parts !== parts || claims.digest !== digest) {
    throw new LeaseholdError('TOKEN_SIGNATURE', 'The records are not those that were signed.', { remedy: REMEDY });
  }
  if (machines !== totals.machines || jobs !== totals.jobs || bytes !== totals.bytes) {
    throw new LeaseholdError('TOKEN_CLAIMS', 'The totals of the statement are not the sums of its records.');
  }
  return claims;
}

/** The columns of a statement as CSV, and the cells of one record, for `formatCsv`. */
export const STATEMENT_COLUMNS = ['month', 'company', 'company_name', 'instance', 'name', 'kind', 'jobs', 'bytes'];
export function statementCells(claims: Claims, record: StatementRecord): (string | number | null)[] {
  const { instance, name, kind, jobs, bytes } = record;
  return [claims.month, claims.companyId, claims.companyName, instance, name, kind, jobs, bytes];
}

const REMEDY = 'Ask for the statement again; keep the file as it was handed over.';

function malformed(message: string): LeaseholdError {
  return new LeaseholdError('TOKEN_MALFORMED', message, { remedy: REMEDY });
}
