import { LeaseholdError, StatementSum, type Message, type StatementRecord } from '@leasehold/protocol';
import { dayOf } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { within, type Scope } from '../companies/reach.js';
import { sha256 } from '../keys/ed25519.js';
import { journalHead, type Reader, type Slice } from '../store/index.js';
import { MOST_RUNS } from './count.js';

type Claims = Message<'StatementClaims'>;

interface Asked {
  readonly account: string;
  /** `2026-06`. */
  readonly month: string;
}

const days = (month: string): readonly [string, string] => [`${month}-01`, `${month}-31`];

/** What every company's machines did in a month. */
export async function listStatements(
  reader: Reader,
  ask: Asked & { readonly scope: Scope },
): Promise<Message<'StatementList'>> {
  const { account, month } = ask;
  const own = within('i.company_id', ask);
  const rows = await reader.all<{
    id: string | null;
    name: string | null;
    machines: number;
    jobs: number;
    bytes: number;
  }>(
    `SELECT i.company_id AS id, c.name AS name, count(DISTINCT u.instance_id) AS machines, sum(u.runs * 1.0) AS jobs,
         sum(u.bytes * 1.0) AS bytes
       FROM usage_totals u JOIN instances i ON i.account = u.account AND i.id = u.instance_id
       LEFT JOIN companies c ON c.account = i.account AND c.id = i.company_id
       WHERE u.account = ? AND u.day >= ? AND u.day <= ? AND ${own.sql}
       GROUP BY i.company_id, c.name ORDER BY i.company_id LIMIT 5000`,
    [account, ...days(month), ...own.params],
  );
  return {
    month,
    rows: rows.map(({ id, name, machines, jobs, bytes }) => ({
      companyId: id,
      companyName: name,
      machines,
      jobs: Math.min(jobs, MOST_RUNS),
      bytes,
    })),
  };
}

/** Machines of one slice: a month of theirs is read in a few milliseconds, and check-ins come in between. */
const MACHINES = 25;

/** A slice of a statement's records, by machine and kind; `after` is the last machine of the slice before. Machines come
 * first, so that no slice reads more records than its own. */
export async function statementRecords(
  reader: Reader,
  { account, month, company, after }: Asked & { readonly company: string | null; readonly after: string | null },
): Promise<Slice<StatementRecord, string>> {
  const machines = await reader.all<{ id: string; label: string | null }>(
    `SELECT id, label FROM instances WHERE account = ? AND id > ?
       AND ${company === null ? 'company_id IS NULL' : 'company_id = ?'} ORDER BY id LIMIT ?`,
    [account, after ?? '', ...(company === null ? [] : [company]), MACHINES],
  );
  const last = machines.at(-1);
  if (last === undefined) return { rows: [], next: null };
  const sums = await reader.all<Omit<StatementRecord, 'name'>>(
    `SELECT instance_id AS instance, kind, sum(runs * 1.0) AS jobs, sum(bytes * 1.0) AS bytes FROM usage_totals
       WHERE account = ? AND day >= ? AND day <= ? AND instance_id IN (${machines.map(() => '?').join(', ')})
       GROUP BY instance_id, kind ORDER BY instance_id, kind`,
    [account, ...days(month), ...machines.map(({ id }) => id)],
  );
  const labels = new Map(machines.map(({ id, label }) => [id, label]));
  const rows = sums.map((sum) => ({ ...sum, name: labels.get(sum.instance) ?? null }));
  return { rows, next: machines.length < MACHINES ? null : last.id };
}

type Head = Omit<Claims, 'parts' | 'digest' | 'totals'>;

/** What stands over the records. Rejects with NOT_FOUND for a company that is none of this account. */
export async function statementHead(
  reader: Reader,
  { account, month, company, now }: Asked & { readonly company: string | null; readonly now: number },
): Promise<Head> {
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

/** Records of one part: a line of some 50 kB. */
const PART = 500;

/** The statement's file as it is read: parts, then the seal that `sign` gives over them. Of any length, it stands in
 * memory one part at a time. */
export async function* statementFile(
  head: Head,
  records: AsyncIterable<StatementRecord>,
  sign: (claims: Claims) => Promise<Message<'StatementSeal'>>,
): AsyncGenerator<string, void, undefined> {
  const sum = new StatementSum(sha256);
  const lineOf = async (part: StatementRecord[]): Promise<string> => {
    const line = JSON.stringify({ records: part });
    await sum.add({ records: part }, line);
    return `${line}\n`;
  };
  let part: StatementRecord[] = [];
  for await (const record of records) {
    part.push(record);
    if (part.length < PART) continue;
    yield await lineOf(part);
    part = [];
  }
  if (part.length > 0) yield await lineOf(part);
  yield `${JSON.stringify(await sign({ ...head, ...sum.claims() }))}\n`;
}
