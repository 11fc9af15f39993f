import type { registry } from './maintenance.js';
import type { Store } from './store.js';
import type { JournalFault } from './verify-journal.js';

const SLICE = 1_000;

export interface AccountAudit {
  readonly account: string;
  readonly rows: number;
  readonly ok: boolean;
  /** The first row that does not hold, and why. */
  readonly seq?: number;
  readonly fault?: JournalFault;
}

/** Verifies the journal of every account, slice by slice while the server goes on (`leasehold audit verify`). */
export async function auditJournals(store: Store<typeof registry>): Promise<AccountAudit[]> {
  const found: AccountAudit[] = [];
  for (const account of await store.read('accounts', undefined)) found.push(await auditAccount(store, account));
  return found;
}

async function auditAccount(store: Store<typeof registry>, account: string): Promise<AccountAudit> {
  let from = await store.read('journalStart', { account });
  let rows = 0;
  for (;;) {
    const verdict = await store.read('verifyJournal', { account, from, limit: SLICE });
    if (!verdict.ok) return { account, rows, ok: false, seq: verdict.seq, fault: verdict.fault };
    rows += verdict.rows;
    if (verdict.done) return { account, rows, ok: true };
    from = verdict.upTo;
  }
}
