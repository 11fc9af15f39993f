import { endOfDay } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Scope } from '../companies/reach.js';
import { FIRST_WARNING, machineTodos, type Todo } from '../instances/machine-todos.js';
import { earliestPooled, KEY_LEASE_DAYS } from '../pools/key-lease.js';
import type { Reader } from '../store/index.js';

const DAY = 86_400_000;
const SHOWN = 50;

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly now: number;
}

/** What waits for a person, the most urgent first, and how many more than are shown. */
export async function todos(reader: Reader, ask: Ask): Promise<{ readonly todos: Todo[]; readonly todosMore: number }> {
  const { account, scope, now } = ask;
  const { all, more } = await machineTodos(reader, ask, SHOWN);
  // Pools are the account's, and no company's.
  if (scope === null)
    all.push(...(await keyTodos(reader, account, now)), ...(await maintenanceTodos(reader, account, now)));
  const shown = all.sort((a, b) => (a.until < b.until ? -1 : 1)).slice(0, SHOWN);
  return { todos: shown, todosMore: more + all.length - shown.length };
}

/** Servers whose license went into a pool: each needs a Pool Key within 14 days (LMP-3.2, LMP-4.5). */
async function keyTodos(reader: Reader, account: string, now: number): Promise<Todo[]> {
  const rows = await reader.all<{ id: string; applied_to: string; label: string | null; pooled_at: number }>(
    `SELECT l.id, l.applied_to, i.label, l.pooled_at FROM pool_licenses l
       JOIN instances i ON i.account = l.account AND i.id = l.applied_to
       WHERE l.account = ? AND l.state = 'pooled' AND i.state = 'active' AND l.pooled_at > ?
       ORDER BY l.pooled_at LIMIT ?`,
    [account, now - KEY_LEASE_DAYS * DAY, SHOWN],
  );
  return rows.map(({ id, applied_to: server, label, pooled_at: since }) => ({
    id: `replace_key-${id}`,
    kind: 'replace_key',
    subject: { type: 'server', id: server, name: label ?? server },
    since: iso(since),
    until: iso(since + KEY_LEASE_DAYS * DAY),
  }));
}

/** The pooled license whose date every key of its type inherits, where that comes soon or has passed (LMP-1.6, D-2). */
async function maintenanceTodos(reader: Reader, account: string, now: number): Promise<Todo[]> {
  const { timeZone } = await accountOf(reader, account);
  const all: Todo[] = [];
  for (const type of ['OEM', 'Standard']) {
    const first = await earliestPooled(reader, account, type);
    if (first === undefined) continue;
    const ends = endOfDay(first.free_upgrade_until, timeZone);
    if (ends > now + FIRST_WARNING) continue;
    const subject = { type: 'pool_license', id: first.id, name: first.id };
    all.push({
      id: `expires_soon-${first.id}`,
      kind: ends > now ? 'expires_soon' : 'stopped',
      subject,
      since: iso(ends - FIRST_WARNING),
      until: iso(ends),
    });
  }
  return all;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
