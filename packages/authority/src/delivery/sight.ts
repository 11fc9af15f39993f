import { within } from '../companies/reach.js';
import { journalSlice, type JournalPayload, type JournalRow, type JournalSlice, type Reader } from '../store/index.js';

/** What the token of a company sees of the journal: what happened to its company and to those below. */
export class Sight {
  readonly #companies: Set<string>;

  constructor(companies: Iterable<string>) {
    this.#companies = new Set(companies);
  }

  /** To be asked row by row: a company that is created below is seen from then on. */
  sees({ type, company_id: company, payload }: JournalRow): boolean {
    if (company === null) return false;
    if (type === 'company.created' && payload !== null) {
      const { parentId } = (JSON.parse(payload) as JournalPayload).details as { readonly parentId?: string | null };
      if (typeof parentId === 'string' && this.#companies.has(parentId)) this.#companies.add(company);
    }
    return this.#companies.has(company);
  }
}

/** Rows after a number that a token of a company sees, oldest first. */
export async function journalWithin(
  reader: Reader,
  ask: { readonly account: string; readonly scope: string; readonly seq: number; readonly limit: number },
): Promise<JournalSlice> {
  const own = within('company_id', ask);
  const params = [ask.account, ask.seq, ...own.params];
  return journalSlice(reader, `account = ? AND seq > ? AND ${own.sql}`, params, ask.limit);
}
