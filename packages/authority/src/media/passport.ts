import { FIRMWARE_COMPONENTS, passportHash, type MediaClaims } from '@leasehold/protocol';
import type { Account } from '../accounts/account.js';
import { digestOf, sha256 } from '../keys/ed25519.js';
import { componentsOf, type InstanceRow } from '../instances/instance.js';
import { appendJournal, journalHead, type Reader, type SqlValue, type Tx } from '../store/index.js';
import { mediaChanged } from './rows.js';

/** So many machines fit into a passport of 256 kB; those seen last come first. */
const FIT = { covered: 3300, formerly: 1200 } as const;
const DAY_SECONDS = 86_400;

/** What a medium is stamped with. */
export interface Stamped {
  readonly media: string;
  readonly base: 'linux' | 'winpe';
  readonly licensee: string;
  readonly technician?: string | undefined;
  readonly license?: string | undefined;
  readonly validDays: number;
  /** It is valid no longer than until then, epoch ms. */
  readonly endsBy?: number | undefined;
  /** Hashes of its one-time codes, made at the second of `now`, and the signing key whose secret made them. */
  readonly codes: readonly string[];
  readonly codeKid: string;
  readonly pinHash: string | null;
  /** Only machines of this company are named; undefined: those of the account. */
  readonly company?: string | null;
}

/** Writes a medium down and answers the claims of its passport. */
export async function issuePassport(
  tx: Tx,
  account: Account,
  stamped: Stamped,
  actor: string,
  now: number,
): Promise<MediaClaims> {
  const claims = await claimsOf(tx, account, stamped, now);
  const { media: id, base, licensee, technician = null, pinHash, codeKid } = stamped;
  const columns = {
    base,
    licensee,
    technician_id: technician,
    digest: digestOf(JSON.stringify(claims)),
    state: 'stamped',
    valid_until: claims.exp * 1000,
    created_by: actor,
    created_at: now,
    machines: await coveredCount(tx, account, stamped),
    pin_hash: pinHash,
    pin_wrong: 0,
    pin_locked_until: null,
    code_kid: codeKid,
  } as const;
  const names = Object.keys(columns);
  await tx.run(
    `INSERT INTO media (account, id, ${names.join(', ')}) VALUES (?, ?, ${names.map(() => '?').join(', ')})
       ON CONFLICT (account, id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    [account.account, id, ...Object.values<SqlValue>(columns)],
  );
  appendJournal(tx, account.account, {
    type: 'media.stamped',
    subject: { type: 'media', id },
    actor,
    details: { base, technician },
    rows: [await mediaChanged(tx, account.account, id)],
  });
  return claims;
}

async function claimsOf(reader: Reader, account: Account, stamped: Stamped, now: number): Promise<MediaClaims> {
  const { media, base, licensee, technician, license, validDays, endsBy = Infinity, codes, pinHash } = stamped;
  const { epoch } = await journalHead(reader, account.account);
  const iat = Math.floor(now / 1000);
  const formerly = "was_covered = 1 AND (state <> 'active' OR cover_decision NOT IN ('allow', 'warn'))";
  return {
    iss: account.account,
    product: account.product,
    epoch,
    media,
    base,
    licensee,
    salt: account.salt,
    covered: await hashes(reader, account, stamped, COVERED, FIT.covered),
    formerlyCovered: await hashes(reader, account, stamped, formerly, FIT.formerly),
    ...(technician === undefined ? {} : { technician }),
    ...(license === undefined ? {} : { license }),
    codes: [...codes],
    ...(pinHash === null ? {} : { pin: pinHash }),
    iat,
    exp: Math.min(iat + validDays * DAY_SECONDS, Math.floor(endsBy / 1000)),
  };
}

const COVERED = "state = 'active' AND cover_decision IN ('allow', 'warn')";

/** Whose machines a passport names, as a condition. */
function within({ company }: Stamped): { readonly condition: string; readonly params: string[] } {
  if (company === undefined) return { condition: '', params: [] };
  if (company === null) return { condition: ' AND company_id IS NULL', params: [] };
  return { condition: ' AND company_id = ?', params: [company] };
}

/** The firmware parts of the machines that a condition of ours picks. */
async function hashes(
  reader: Reader,
  account: Account,
  stamped: Stamped,
  condition: string,
  limit: number,
): Promise<string[]> {
  const own = within(stamped);
  const rows = await reader.all<InstanceRow>(
    `SELECT * FROM instances WHERE account = ? AND ${condition}${own.condition} ORDER BY last_seen_at DESC LIMIT ?`,
    [account.account, ...own.params, limit],
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

async function coveredCount(reader: Reader, account: Account, stamped: Stamped): Promise<number> {
  const own = within(stamped);
  const row = await reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM instances WHERE account = ? AND ${COVERED}${own.condition}`,
    [account.account, ...own.params],
  );
  return Math.min(row?.n ?? 0, FIT.covered);
}
