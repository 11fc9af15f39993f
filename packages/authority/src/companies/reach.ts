import { LeaseholdError, ROUTES, type Owned, type RouteName, type RouteRow } from '@leasehold/protocol';
import type { Reader, SqlValue } from '../store/index.js';
import { linesOf } from './tree.js';

/** The company that a token acts for, with all below it; null: the whole account, and what is no company's too. */
export type Scope = string | null;

/** A thing that a request names, and where. */
export interface Named {
  readonly kind: Owned;
  readonly id: string | null;
  readonly place: string;
}

/** The parts of a request that name things. */
interface Request {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** What a request names, by the scope of its route. */
export function namedIn(route: RouteName, { params, query, body }: Request): Named[] {
  const row: RouteRow = ROUTES[route];
  if (!('scope' in row) || row.scope === 'account') return [];
  return Object.entries(row.scope).flatMap(([place, owned]) => {
    const kind = owned.replace(/\?$/, '') as Owned;
    const steps = place.includes('.') ? place.split('.') : ['params', place];
    const ids = valuesAt({ params, query, body }, steps);
    return ids.flatMap((id) => (id === null && owned.endsWith('?') ? [] : [{ kind, id, place }]));
  });
}

function valuesAt(value: unknown, [step, ...steps]: readonly string[]): (string | null)[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, [step!, ...steps].filter(Boolean)));
  if (step === undefined) return [typeof value === 'string' ? value : null];
  if (typeof value !== 'object' || value === null) return [null];
  return valuesAt((value as Record<string, unknown>)[step], steps);
}

/** Whose a thing is: one statement for each kind, its parameters account and id, as often as `?` stands in it. */
const OWNER: Readonly<Record<Owned, string>> = {
  company: 'SELECT id AS owner FROM companies WHERE account = ? AND id = ?',
  enrollmentKey: 'SELECT company_id AS owner FROM enrollment_keys WHERE account = ? AND id = ?',
  // Whoever gave it takes it back; what the provider gave is his.
  grant: 'SELECT from_company AS owner FROM grants WHERE account = ? AND id = ?',
  holder: 'SELECT company_id AS owner FROM instances WHERE account = ? AND id = ?',
  license: `SELECT company_id AS owner FROM machine_licenses WHERE account = ? AND id = ?
    UNION ALL SELECT company_id FROM instance_licenses WHERE account = ? AND id = ?`,
  machine: 'SELECT company_id AS owner FROM instances WHERE account = ? AND id = ?',
  order: 'SELECT company_id AS owner FROM orders WHERE account = ? AND id = ?',
  session: `SELECT l.company_id AS owner FROM sessions s
    JOIN machine_licenses l ON l.account = s.account AND l.id = s.license_id WHERE s.account = ? AND s.id = ?`,
  token: 'SELECT company_id AS owner FROM access_tokens WHERE account = ? AND id = ?',
};

/** Lets a request pass whose token may act for all that it names. What belongs to others is answered like what is not
 * there. @throws LeaseholdError NOT_FOUND, FORBIDDEN where a company must be named and is not */
export async function assertReach(
  reader: Reader,
  { account, scope, named }: { readonly account: string; readonly scope: Scope; readonly named: readonly Named[] },
): Promise<void> {
  if (scope === null) return;
  for (const { kind, id, place } of named) {
    if (id === null) throw nobodyNamed(place);
    const params = [...OWNER[kind].matchAll(/\?/g)].map((_mark, index) => (index % 2 === 0 ? account : id));
    const found = await reader.get<{ owner: string | null }>(OWNER[kind], params);
    // A domain is nobody's row.
    if (found === undefined && kind === 'holder') continue;
    if (!(await isWithin(reader, account, found?.owner ?? null, scope))) throw outOfReach(kind, id, place);
  }
}

/** Is the owner of something the company of a scope, or one below it? */
export async function isWithin(reader: Reader, account: string, owner: string | null, scope: string): Promise<boolean> {
  if (owner === null) return false;
  return (await linesOf(reader, account, [owner])).get(owner)?.includes(scope) === true;
}

/** SQL for "belongs to somebody in the scope": what a list of a scoped token is cut to. CROSS JOIN keeps SQLite to that
 * order: it would look at every company for each one that it has found. */
export function within(
  column: string,
  { account, scope }: { readonly account: string; readonly scope: Scope },
): { readonly sql: string; readonly params: readonly SqlValue[] } {
  if (scope === null) return { sql: '1 = 1', params: [] };
  const sql = `${column} IN (WITH RECURSIVE below (id) AS (SELECT id FROM companies WHERE account = ? AND id = ?
    UNION ALL SELECT c.id FROM below b CROSS JOIN companies c WHERE c.account = ? AND c.parent_id = b.id)
    SELECT id FROM below)`;
  return { sql, params: [account, scope, account] };
}

/** The same for a column with a machine. */
export function machineWithin(
  column: string,
  ask: { readonly account: string; readonly scope: Scope },
): ReturnType<typeof within> {
  const own = within('i.company_id', ask);
  if (ask.scope === null) return own;
  const sql = `${column} IN (SELECT i.id FROM instances i WHERE i.account = ? AND ${own.sql})`;
  return { sql, params: [ask.account, ...own.params] };
}

/** The companies in the scope of a token of a company. */
export async function companiesWithin(
  reader: Reader,
  ask: { readonly account: string; readonly scope: string },
): Promise<string[]> {
  const own = within('id', ask);
  const rows = await reader.all<{ id: string }>(`SELECT id FROM companies WHERE account = ? AND ${own.sql}`, [
    ask.account,
    ...own.params,
  ]);
  return rows.map(({ id }) => id);
}

const WORDS: Partial<Record<Owned, string>> = { holder: 'machine', enrollmentKey: 'enrollment key' };

function outOfReach(kind: Owned, id: string, place: string): LeaseholdError {
  const what = WORDS[kind] ?? kind;
  return new LeaseholdError('NOT_FOUND', `There is no ${what} ${id} within the reach of this token.`, {
    path: place,
    remedy: 'Compare the id with the lists that this token shows, or ask for a token of the company above.',
  });
}

function nobodyNamed(place: string): LeaseholdError {
  return new LeaseholdError('FORBIDDEN', 'This token acts for a company; the request names none.', {
    path: place,
    remedy: 'Name the company of the token, or one below it.',
  });
}
