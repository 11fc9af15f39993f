import { FIRMWARE_COMPONENTS, passportHash, type MediaClaims, type Message } from '@leasehold/protocol';
import { catalogs, decide, type Decision, type License } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import type { Change } from '../changes.js';
import { digestOf, sha256 } from '../ed25519.js';
import { at } from '../facts.js';
import { componentsOf, type InstanceRow } from '../instances/instance.js';
import { licenseFact, type MachineLicenseRow } from '../licenses/machine-license.js';
import { appendJournal, journalHead, type Reader } from '../store/index.js';
import { mediaChanged } from './rows.js';

export type Stamp = Omit<Message<'MediaStamp'>, 'dryRun'>;

interface Plan {
  readonly license: string | undefined;
}

/** So many machines fit into a passport of 256 kB; those seen last come first. */
const FIT = { covered: 3300, formerly: 1200 } as const;
const DAY_SECONDS = 86_400;

/** Stamps a boot medium: issues its passport, which names the machines it may serve without a network (AIP-9.1, F-10).
 * A technician's medium is judged as such (AIP-9.6, A-14). */
export const mediaStamp: Change<Stamp, Plan, { readonly id: string; readonly claims: MediaClaims }> = {
  async judge(reader, { account }, input, now) {
    const { technician } = input;
    if (technician === undefined)
      return { decision: { decision: 'allow', reason_rule: 'AIP-9.1' }, plan: { license: undefined } };
    return judgeTechnician(reader, await accountOf(reader, account), technician, now);
  },
  async apply(tx, { account, actor }, input, { license }, now) {
    const claims = await passport(tx, await accountOf(tx, account), input, license, now);
    const { media: id, base, licensee, technician = null } = input;
    await tx.run(
      `INSERT INTO media (account, id, base, licensee, technician_id, digest, state, valid_until, created_by, created_at,
         machines) VALUES (?, ?, ?, ?, ?, ?, 'stamped', ?, ?, ?, ?)
         ON CONFLICT (account, id) DO UPDATE SET base = excluded.base, licensee = excluded.licensee,
           technician_id = excluded.technician_id, digest = excluded.digest, valid_until = excluded.valid_until,
           created_by = excluded.created_by, created_at = excluded.created_at, machines = excluded.machines`,
      [
        account,
        id,
        base,
        licensee,
        technician,
        digestOf(JSON.stringify(claims)),
        claims.exp * 1000,
        actor,
        now,
        await coveredCount(tx, account),
      ],
    );
    appendJournal(tx, account, {
      type: 'media.stamped',
      subject: { type: 'media', id },
      actor,
      details: { base, technician },
      rows: [await mediaChanged(tx, account, id)],
    });
    return { id, claims };
  },
};

async function judgeTechnician(
  reader: Reader,
  account: Account,
  technician: string,
  now: number,
): Promise<{ decision: Decision; plan: Plan }> {
  const edition = catalogs.aip.editions?.technician ?? 'it_pro';
  const row = await reader.get<MachineLicenseRow>(
    `SELECT * FROM machine_licenses WHERE account = ? AND edition = ? AND bound_type = 'technician' AND bound_id = ?
       ORDER BY coalesce(ends_at, 0) DESC LIMIT 1`,
    [account.account, edition, technician],
  );
  if (row === undefined) {
    const needs = [{ edition, term: 'subscription', count: 1, bindTo: `technician:${technician}` }] as const;
    return { decision: { decision: 'needs', reason_rule: 'AIP-9.4', needs }, plan: { license: undefined } };
  }
  const media = await reader.get<{ n: number }>(
    'SELECT count(*) AS n FROM media WHERE account = ? AND technician_id = ?',
    [account.account, technician],
  );
  const fact: License = licenseFact(row, { type: 'technician', id: technician });
  const facts = at({ profile: 'aip', licenses: [{ ...fact, id: row.id }], policy: account.policy }, now);
  const request = { action: 'itpro.media.create', license: row.id, technician, existingMedia: media?.n ?? 0 };
  return { decision: decide(facts, request), plan: { license: row.id } };
}

async function passport(
  reader: Reader,
  account: Account,
  { media, base, licensee, technician, validDays }: Stamp,
  license: string | undefined,
  now: number,
): Promise<MediaClaims> {
  const { epoch } = await journalHead(reader, account.account);
  const iat = Math.floor(now / 1000);
  return {
    iss: account.account,
    product: account.product,
    epoch,
    media,
    base,
    licensee,
    salt: account.salt,
    covered: await hashes(reader, account, "state = 'active' AND cover_decision IN ('allow', 'warn')", FIT.covered),
    formerlyCovered: await hashes(
      reader,
      account,
      "was_covered = 1 AND (state <> 'active' OR cover_decision NOT IN ('allow', 'warn'))",
      FIT.formerly,
    ),
    ...(technician === undefined ? {} : { technician }),
    ...(license === undefined ? {} : { license }),
    iat,
    exp: iat + validDays * DAY_SECONDS,
  };
}

/** The firmware parts of the machines that a condition of ours picks. */
async function hashes(reader: Reader, account: Account, condition: string, limit: number): Promise<string[]> {
  const rows = await reader.all<InstanceRow>(
    `SELECT * FROM instances WHERE account = ? AND ${condition} ORDER BY last_seen_at DESC LIMIT ?`,
    [account.account, limit],
  );
  const all = new Set<string>();
  for (const components of rows.map((row) => componentsOf(row))) {
    for (const name of FIRMWARE_COMPONENTS) {
      const hash = components[name];
      if (hash !== undefined) all.add(await passportHash(account.salt, name, hash, sha256));
    }
  }
  return [...all];
}

async function coveredCount(reader: Reader, account: string): Promise<number> {
  const row = await reader.get<{ n: number }>(
    "SELECT count(*) AS n FROM instances WHERE account = ? AND state = 'active' AND cover_decision IN ('allow', 'warn')",
    [account],
  );
  return Math.min(row?.n ?? 0, FIT.covered);
}
