import { entitlementsText, type LeaseClaims, type Message } from '@leasehold/protocol';
import { catalogs as builtIn, type Catalog, type Term } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { digestOf } from '../keys/ed25519.js';
import { factsFor, type KnownFacts } from '../facts.js';
import { renewedAhead } from '../orders/renewed-ahead.js';
import { keyLeaseEnd } from '../pools/key-lease.js';
import type { Reader } from '../store/index.js';
import { componentsOf, type InstanceRow } from './instance.js';

const DAY = 86_400_000;
/** Days that a lease runs (design section 4, Check-in): an agent's, and one of a perpetual license. */
const LEASE_DAYS = { agent: 14, perpetual: 30 } as const;

/** What the lease of a machine names that has no license of its own. */
export const NO_LICENSE = 'none';

/** A lease and what it entitles to, ready to be sealed; with the vendor's own catalog where one is in force. */
export interface Issued extends Omit<KnownFacts, 'catalog'> {
  readonly lease: LeaseClaims;
  readonly catalog?: Catalog;
}

/** The columns of the head of the instance's chain when it moves to a new lease, a child of `link.parent`. `term`: that of
 * its license, where it was read just now. */
export async function headColumns(
  reader: Reader,
  row: InstanceRow,
  link: Message<'ChainLink'>,
  seq: number,
  now: number,
  term?: Term,
): Promise<Partial<InstanceRow>> {
  const { epoch } = await accountOf(reader, row.account);
  return {
    lease_id: `${seq}.${link.nonce}`,
    lease_seq: seq,
    lease_parent: link.parent,
    lease_nonce: link.nonce,
    lease_epoch: epoch,
    lease_issued_at: now,
    lease_expires_at: await leaseEnd(reader, row, now, term),
  };
}

/** The lease that stands at the head of the chain; `facts` where they were read just now. Everything in it comes from
 * columns, so that the reply to a repeated request is the same token again, byte by byte (Ed25519 is deterministic). */
export async function headLease(reader: Reader, row: InstanceRow, facts?: KnownFacts): Promise<Issued> {
  const account = await accountOf(reader, row.account);
  const known = facts ?? (await factsFor(reader, row));
  const { self, catalog } = known;
  const span = { from: row.lease_issued_at!, until: row.lease_expires_at! };
  const held = await renewedAhead(reader, account, known.facts, span);
  const shipped = catalog === builtIn[catalog.profile] ? {} : { catalog };
  const lease: LeaseClaims = {
    iss: row.account,
    product: account.product,
    epoch: row.lease_epoch!,
    sub: row.id,
    jti: row.lease_id!,
    seq: row.lease_seq,
    parent: row.lease_parent,
    iat: Math.floor(row.lease_issued_at! / 1000),
    exp: Math.floor(row.lease_expires_at! / 1000),
    cnf: { jkt: row.jkt },
    license: row.entitlement_id ?? NO_LICENSE,
    ...(account.byGrants ? await grantOf(reader, row) : {}),
    components: componentsOf(row),
    catalog: { id: catalog.id, version: Number.parseInt(catalog.version, 10) || 0 },
    entitlements: digestOf(entitlementsText({ self, facts: { ...held }, ...(shipped as object) })),
  };
  return { lease, self, facts: held, ...shipped };
}

/** The vendor's grant that its license came by. */
async function grantOf(reader: Reader, { account, entitlement_id: id }: InstanceRow): Promise<{ grant?: string }> {
  const row = await reader.get<{ grant_id: string | null }>(
    `SELECT grant_id FROM machine_licenses WHERE account = ? AND id = ?
       UNION ALL SELECT grant_id FROM instance_licenses WHERE account = ? AND id = ?`,
    [account, id, account, id],
  );
  return row?.grant_id == null ? {} : { grant: row.grant_id };
}

async function leaseEnd(reader: Reader, row: InstanceRow, now: number, term?: Term): Promise<number> {
  if (row.entitlement_kind === 'pool_key') return keyLeaseEnd(reader, row, now);
  const days = (term ?? (await termOf(reader, row))) === 'perpetual' ? LEASE_DAYS.perpetual : LEASE_DAYS.agent;
  return now + days * DAY;
}

async function termOf(reader: Reader, row: InstanceRow): Promise<Term | undefined> {
  if (row.entitlement_kind !== 'machine_license') return undefined;
  const license = await reader.get<{ term: Term }>('SELECT term FROM machine_licenses WHERE account = ? AND id = ?', [
    row.account,
    row.entitlement_id,
  ]);
  return license?.term;
}
