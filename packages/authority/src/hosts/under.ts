import { isWithin } from '../companies/reach.js';
import type { InstanceRow } from '../instances/instance.js';
import type { Reader, Tx } from '../store/index.js';
import { countedClaims, placeOf, type Owner } from './places.js';

interface Asking {
  readonly id: string;
  readonly hardwareUuid: string | undefined;
  readonly owner: Owner;
}

/** The host that a guest was last reported on: by its own id, or by the hardware UUID that host and guest both see. */
export async function reportedHost(
  reader: Reader,
  account: string,
  { id, hardwareUuid, owner }: Omit<Asking, 'id'> & { readonly id?: string },
  now: number,
): Promise<string | null> {
  const names = [id, hardwareUuid].filter((name) => name !== undefined);
  const claims = await countedClaims(reader, account, names, now, { own: owner });
  return claims.length === 0 ? null : placeOf(claims, now).host;
}

/** Where a machine was reported before it is activated: on which host, and in which cluster group, when nobody knew it but
 * by its hardware UUID. */
export async function reportedPlace(
  reader: Reader,
  account: string,
  { id, ...told }: Asking,
  known: InstanceRow | undefined,
  now: number,
): Promise<Pick<InstanceRow, 'host_id' | 'cluster_group_id'>> {
  // Nobody has reported a machine yet by an id that it is to get.
  const host = await reportedHost(reader, account, known === undefined ? told : { id, ...told }, now);
  return {
    host_id: host ?? known?.host_id ?? null,
    cluster_group_id: known?.cluster_group_id ?? (await reportedGroup(reader, account, { id, ...told })),
  };
}

/** The group that a node was reported in by its own company, by one above it, or by the provider: a node's UUID is no
 * secret, and whoever tells it would ride on the licenses of that group (F-5). */
async function reportedGroup(
  reader: Reader,
  account: string,
  { id, hardwareUuid, owner }: Asking,
): Promise<string | null> {
  const groups = await reader.all<{ id: string; company_id: string | null }>(
    `SELECT g.id, g.company_id FROM cluster_nodes n JOIN cluster_groups g ON g.account = n.account
       AND g.id = n.cluster_group_id WHERE n.account = ? AND n.machine_id = ? ORDER BY g.id`,
    [account, hardwareUuid ?? id],
  );
  for (const group of groups) {
    const { id: name, company_id: company } = group;
    if (company === null || (await isWithin(reader, account, await owner(), company))) return name;
  }
  return null;
}

/** The host whose license a machine would ride on: reported, else declared (F-1), else the machine itself where it is no
 * guest and so may run a hypervisor. */
export function hostUnder({
  id,
  host_id: reported,
  declared_host_id: declared,
  kind,
}: InstanceRow): string | undefined {
  return reported ?? declared ?? (isGuest(kind) ? undefined : `host-${id}`);
}

/** A host that got a seat and that nobody reported yet is noted as declared, without an inventory. */
export async function noteHost(tx: Tx, draft: InstanceRow, host: string, hosted: boolean, now: number): Promise<void> {
  const own = isGuest(draft.kind) ? null : draft.id;
  await tx.run(
    `INSERT INTO hosts (account, id, label, kind, hypervisor, on_machine, facts, created_at)
       VALUES (?, ?, ?, ?, ?, ?, '{}', ?)
       ON CONFLICT (account, id) DO NOTHING`,
    [draft.account, host, draft.label, hosted ? 'hosted' : 'bare_metal', 'unknown', own, now],
  );
}

function isGuest(kind: InstanceRow['kind']): boolean {
  return kind === 'guest' || kind === 'cloud' || kind === 'container';
}
