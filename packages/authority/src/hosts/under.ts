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
  const claims = await countedClaims(reader, account, names, { own: owner });
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
  const group = await reader.get<{ cluster_group_id: string }>(
    'SELECT cluster_group_id FROM cluster_nodes WHERE account = ? AND machine_id = ? ORDER BY cluster_group_id LIMIT 1',
    [account, told.hardwareUuid ?? id],
  );
  return {
    host_id: host ?? known?.host_id ?? null,
    cluster_group_id: known?.cluster_group_id ?? group?.cluster_group_id ?? null,
  };
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
