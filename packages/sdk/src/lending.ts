import type { LeaseClaims, Signer } from '@leasehold/protocol';
import type { License } from './license.js';
import type { LicenseParts } from './license-handle.js';
import type { UsageRecord } from './usage/usage-outbox.js';

/** What a backup server with a Pool Key can lend to its agents, at one moment: the tokens that prove it, the CALs that it
 * may give out, and the device key that signs. */
export interface Lending {
  readonly keyset: string;
  readonly keysetVersion: { readonly epoch: number; readonly version: number };
  readonly lease: string;
  readonly claims: LeaseClaims;
  readonly entitlements: string;
  /** Key Quota by CAL kind (LMP-2.4). */
  readonly quota: Readonly<Record<string, number>>;
  readonly signer: Signer;
  /** The moment by the license's trusted clock (D-6), epoch milliseconds. */
  readonly now: number;
}

const lenders = new WeakMap<License, LicenseParts>();

/** Remembers whose handle it is; the parts themselves are nobody else's business. */
export function registerLender(license: License, parts: LicenseParts): void {
  lenders.set(license, parts);
}

/** Takes over the reports of an agent: on disk for good when it resolves, so that the agent may forget them. */
export async function handOn(license: License, records: readonly UsageRecord[]): Promise<void> {
  for (const record of records) license.usage.record(record);
  await lenders.get(license)?.usage.flush();
}

/** The present state of a license that `openLicense` gave; undefined where nothing is held, or the authority said no. */
export async function lendingOf(license: License): Promise<Lending | undefined> {
  const parts = lenders.get(license);
  if (parts === undefined) return undefined;
  const { installation, identity } = parts;
  const { rights, denial } = installation.standing;
  const { holding } = installation.document;
  const { keyset } = installation.trust;
  const signer = await identity.find().catch(() => undefined);
  if (rights === undefined || denial !== undefined || holding === null || keyset === undefined || signer === undefined)
    return undefined;
  const { lease, entitlements } = holding;
  const quota = rights.facts.keys?.[0]?.quota ?? {};
  const { now } = installation.moment();
  const { token, claims } = keyset;
  const keysetVersion = { epoch: claims.epoch, version: claims.version };
  return { keyset: token, keysetVersion, lease, claims: rights.lease, entitlements, quota, signer, now };
}
