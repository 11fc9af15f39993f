import { LeaseholdError, sumOf, type Message } from '@leasehold/protocol';
import { dayOf } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { journalHead, type Reader, type Slice } from '../store/index.js';

type Claims = Message<'StatementClaims'>;

interface Asked {
  readonly account: string;
  /** `2026-06`. */
  readonly month: string;
}

const days = (month: string): readonly [string, string] => [`${month}-01`, `${month}-31`];

/** What every company's machines did in a month. */
export async function listStatements(reader: Reader, { account, month }: Asked): Promise<Message<'StatementList'>> {
  const rows = await reader.all<{
    id: string | null;
    name: string | null;
    machines: number;
    jobs: number;
    bytes: number;
  }>(
    `SELECT i.company_id AS id, c.name AS name, count(DISTINCT u.instance_id) AS machines, sum(u.runs) AS jobs,
         sum(u.bytes) AS bytes
       FROM usage_totals u JOIN instances i ON i.account = u.account AND i.id = u.instance_id
       LEFT JOIN companies c ON c.account = i.account AND c.id = i.company_id
       WHERE u.account = ? AND u.day >= ? AND u.day <= ? GROUP BY i.company_id, c.name ORDER BY i.company_id LIMIT 5000`,
    [account, ...days(month)],
  );
  return {
    month,
    rows: rows.map(({ id, name, machines, jobs, bytes }) => ({
      companyId: id,
      companyName: name,
      machines,
      jobs,
      bytes,
    })),
  };
}

/** Machines of one slice: a month of theirs is read in a few milliseconds, and check-ins come in between. */
const MACHINES = 100;
type Line = Claims['lines'][number];

/** A slice of a statement's lines, by machine and kind; `after` is the last machine of the slice before. Machines come
 * first, so that no slice reads more records than its own. */
export async function statementLines(
  reader: Reader,
  { account, month, company, after }: Asked & { readonly company: string | null; readonly after: string | null },
): Promise<Slice<Line, string>> {
  const machines = await reader.all<{ id: string; label: string | null }>(
    `SELECT id, label FROM instances WHERE account = ? AND id > ?
       AND ${company === null ? 'company_id IS NULL' : 'company_id = ?'} ORDER BY id LIMIT ?`,
    [account, after ?? '', ...(company === null ? [] : [company]), MACHINES],
  );
  const last = machines.at(-1);
  if (last === undefined) return { rows: [], next: null };
  const sums = await reader.all<Omit<Line, 'name'>>(
    `SELECT instance_id AS instance, kind, sum(runs) AS jobs, sum(bytes) AS bytes FROM usage_totals
       WHERE account = ? AND day >= ? AND day <= ? AND instance_id IN (${machines.map(() => '?').join(', ')})
       GROUP BY instance_id, kind ORDER BY instance_id, kind`,
    [account, ...days(month), ...machines.map(({ id }) => id)],
  );
  const labels = new Map(machines.map(({ id, label }) => [id, label]));
  const rows = sums.map((sum) => ({ ...sum, name: labels.get(sum.instance) ?? null }));
  return { rows, next: machines.length < MACHINES ? null : last.id };
}

/** What stands over the lines. Rejects with NOT_FOUND for a company that is none of this account. */
export async function statementHead(
  reader: Reader,
  { account, month, company, now }: Asked & { readonly company: string | null; readonly now: number },
): Promise<Omit<Claims, 'lines' | 'totals'>> {
  const { product, timeZone } = await accountOf(reader, account);
  const { epoch } = await journalHead(reader, account);
  const found = await reader.get<{ name: string }>('SELECT name FROM companies WHERE account = ? AND id = ?', [
    account,
    company,
  ]);
  if (company !== null && found === undefined) {
    throw new LeaseholdError('NOT_FOUND', 'There is no such company.', { path: 'query.company' });
  }
  const complete = dayOf(now, timeZone).slice(0, 7) > month;
  const iat = Math.floor(now / 1000);
  return {
    iss: account,
    product,
    epoch,
    iat,
    month,
    timeZone,
    complete,
    companyId: company,
    companyName: found?.name ?? null,
  };
}

/** Head and lines together. Throws PAYLOAD_TOO_LARGE above what one statement can hold. */
export function statementOf(head: Omit<Claims, 'lines' | 'totals'>, lines: Line[]): Claims {
  if (lines.length > 40_000) {
    throw new LeaseholdError('PAYLOAD_TOO_LARGE', 'A statement has at most 40,000 lines.', {
      path: 'query.company',
      remedy: 'Give the machines companies, and ask for one company at a time.',
    });
  }
  return { ...head, lines, totals: { machines: new Set(lines.map((line) => line.instance)).size, ...sumOf(lines) } };
}
