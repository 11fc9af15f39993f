import { companiesWithin } from '../companies/reach.js';
import type { Reader, Tx } from '../store/index.js';
import { machineOf } from './guests.js';

/** Of whose hosts and machines a reporter tells: those of his company and of the companies below it; the provider's of all. */
export interface Border {
  /** Whose a host becomes that he tells of first; null: the provider's. */
  readonly company: string | null;
  owns(company: string | null): boolean;
}

export async function borderOf(reader: Reader, account: string, company: string | null): Promise<Border> {
  if (company === null) return { company, owns: () => true };
  const own = new Set(await companiesWithin(reader, { account, scope: company }));
  return { company, owns: (other) => other !== null && own.has(other) };
}

/** May he tell of a host that is known under this id? One that a license or a declaration named, and nobody told of yet,
 * is whoever's tells of it first; unless it runs on a machine of somebody else, or carries his license. */
export async function mayTell(reader: Reader, account: string, border: Border, id: string): Promise<boolean> {
  if (border.company === null) return true;
  const host = await reader.get<{ company_id: string | null; inventory_at: number | null; on_machine: string | null }>(
    'SELECT company_id, inventory_at, on_machine FROM hosts WHERE account = ? AND id = ?',
    [account, id],
  );
  if (host !== undefined && (host.company_id !== null || host.inventory_at !== null))
    return border.owns(host.company_id);
  const machine = host?.on_machine ?? (await machineOf(reader, account, id));
  const owners = await reader.all<{ company_id: string | null }>(
    `SELECT company_id FROM instances WHERE account = ? AND id = ?
       UNION SELECT l.company_id FROM seats s JOIN machine_licenses l ON l.account = s.account AND l.id = s.license_id
       WHERE s.account = ? AND s.instance_id = ? AND s.state = 'held' AND l.company_id IS NOT NULL`,
    [account, machine ?? '', account, `host:${id}`],
  );
  return owners.every((owner) => border.owns(owner.company_id));
}

/** Does a hyper-converged system have nodes of somebody else? Whoever joined it would take the cover of their guests
 * (AIP-5.3). */
export async function isForeignSystem(reader: Reader, account: string, border: Border, hci: string): Promise<boolean> {
  if (border.company === null) return false;
  const owners = await reader.all<{ company_id: string | null }>(
    'SELECT DISTINCT company_id FROM hosts WHERE account = ? AND hci_id = ?',
    [account, hci],
  );
  return !owners.every((owner) => border.owns(owner.company_id));
}

/** For so long it is shown that somebody else tells of a host, ms. */
export const CONTESTED_FOR = 72 * 3_600_000;

/** Writes down who tells of a host of somebody else. Answers whether that is new. */
export async function contest(
  tx: Tx,
  { account, actor }: { readonly account: string; readonly actor: string },
  id: string,
  now: number,
): Promise<boolean> {
  const before = await tx.get<{ contested_by: string | null; contested_at: number | null }>(
    'SELECT contested_by, contested_at FROM hosts WHERE account = ? AND id = ?',
    [account, id],
  );
  if (before === undefined) return false;
  await tx.run('UPDATE hosts SET contested_by = ?, contested_at = ? WHERE account = ? AND id = ?', [
    actor,
    now,
    account,
    id,
  ]);
  return before.contested_by !== actor || now - (before.contested_at ?? 0) > CONTESTED_FOR;
}
