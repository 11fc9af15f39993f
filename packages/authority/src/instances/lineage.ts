import { verifyLineage, type LineageClaims } from '@leasehold/protocol';
import { ed25519, thumbprintOf } from '../keys/ed25519.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { likeness } from './identity.js';
import { findInstance, updateInstance, type InstanceRow, type MachineReport } from './instance.js';
import { newOrigin } from './origin.js';
import { declareStandby } from './standby.js';

/** A note whose seal held, and the device key that made it. */
export interface LineageNote {
  readonly claims: LineageClaims;
  readonly jkt: string;
}

/** Reads the note that came with a request; undefined where there is none, or it is none of ours: then the chain alone
 * decides, and no machine stops for it. */
export async function readLineage(token: string | undefined): Promise<LineageNote | undefined> {
  if (token === undefined) return undefined;
  const read = await verifyLineage(token, ed25519).catch(() => undefined);
  return read === undefined ? undefined : { claims: read.claims, jkt: thumbprintOf(read.jwk) };
}

/** What a note makes of the machine that shows it. */
export type Lineage =
  | { readonly as: 'transfer'; readonly row: InstanceRow }
  | { readonly as: 'standby'; readonly standby: InstanceRow };

/** Uses a note, once (design section 3, Lineage note): a machine that was restored takes the place of its source, or stands
 * by for it. Undefined where it says nothing of this machine, was shown before, or is by nobody who may say so; what is
 * refused is journaled with its cause. */
export async function useLineage(
  tx: Tx,
  source: InstanceRow,
  note: LineageNote,
  asked: { readonly freshId: string; readonly machine: MachineReport },
  now: number,
): Promise<Lineage | undefined> {
  const { claims } = note;
  if (!(await isFirst(tx, source, claims, now))) {
    // The machine that it was used by may be put back to where it had not been.
    const isSame = claims.as === 'transfer' && likeness(source, asked.machine).verdict !== 'different';
    return isSame && (await wasUsedBy(tx, source, claims)) ? { as: 'transfer', row: source } : undefined;
  }
  const refused = await causeAgainst(tx, source, note, now);
  if (refused === undefined) {
    await tx.run('UPDATE lineage_notes SET used = 1 WHERE account = ? AND jti = ?', [source.account, claims.jti]);
  }
  const { by, recoveryPoint, target, as } = claims;
  appendJournal(tx, source.account, {
    type: refused === undefined ? 'lineage.used' : 'lineage.refused',
    subject: { type: 'machine', id: source.id },
    actor: `instance:${source.id}`,
    companyId: source.company_id,
    details: { by, recoveryPoint, target, as, ...(refused === undefined ? {} : { cause: refused }) },
    rows: [],
  });
  if (refused !== undefined) return undefined;
  if (as === 'standby') {
    const said = { id: asked.freshId, name: target, author: `instance:${by}` };
    return { as, standby: await declareStandby(tx, source, said, now) };
  }
  // From now on this machine is the original; if the one it was restored from speaks again, that is the copy.
  return { as, row: await updateInstance(tx, source, { origin: newOrigin(asked.machine) }) };
}

async function isFirst(tx: Tx, { account, id }: InstanceRow, { jti }: LineageClaims, now: number): Promise<boolean> {
  const added = await tx.run(
    `INSERT INTO lineage_notes (account, jti, instance_id, used, seen_at) VALUES (?, ?, ?, 0, ?)
       ON CONFLICT (account, jti) DO NOTHING`,
    [account, jti, id, now],
  );
  return added > 0;
}

async function wasUsedBy(reader: Reader, { account, id }: InstanceRow, { jti }: LineageClaims): Promise<boolean> {
  const row = await reader.get<{ instance_id: string; used: number }>(
    'SELECT instance_id, used FROM lineage_notes WHERE account = ? AND jti = ?',
    [account, jti],
  );
  return row?.instance_id === id && row.used === 1;
}

/** Who holds the state of a machine holds its device key too, so that no machine speaks for its own copies; and none for
 * those of another company. */
async function causeAgainst(
  reader: Reader,
  source: InstanceRow,
  { claims, jkt }: LineageNote,
  now: number,
): Promise<string | undefined> {
  const { account, product } = source;
  if (claims.account !== account || claims.product !== product || claims.source !== source.id) return 'OTHER_MACHINE';
  if (now >= claims.exp * 1000) return 'ENDED';
  if (claims.by === source.id || jkt === source.jkt) return 'OWN_NOTE';
  const by = await findInstance(reader, account, claims.by);
  if (by === undefined || by.jkt !== jkt || by.state !== 'active') return 'NOT_ACTIVATED';
  return by.company_id === null || by.company_id === source.company_id ? undefined : 'OTHER_COMPANY';
}
