import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';

export interface NewKeys {
  readonly keys: readonly { readonly license: string; readonly keyHash: string }[];
}
export type Kind = 'machine_license' | 'instance_license' | 'pool_license' | 'pool_key';

const TABLES = {
  machine_license: 'machine_licenses',
  instance_license: 'instance_licenses',
  pool_license: 'pool_licenses',
  pool_key: 'pool_keys',
} as const satisfies Readonly<Record<Kind, string>>;

/** Issues a license key for each license or Pool Key, in place of the one it had: for licenses that came without, and for
 * keys that were lost or got about. Machines that are activated stay so. */
export const licenseKeysIssue: Change<NewKeys, readonly Kind[], { readonly id: string }> = {
  async judge(reader, { account }, { keys }) {
    const kinds: Kind[] = [];
    for (const [index, { license }] of keys.entries()) {
      if (keys.findIndex((one) => one.license === license) !== index) {
        throw new LeaseholdError('INPUT_INVALID', `${license} stands twice.`, { path: `licenses[${index}]` });
      }
      const kind = await kindOf(reader, account, license);
      if (kind === undefined) {
        throw new LeaseholdError('NOT_FOUND', `There is no license ${license}.`, { path: `licenses[${index}]` });
      }
      kinds.push(kind);
    }
    return { decision: BY_ROLE, plan: kinds };
  },
  async apply(tx, { account, actor }, { keys }, kinds) {
    for (const [index, { license, keyHash }] of keys.entries()) {
      const kind = kinds[index]!;
      await tx.run('DELETE FROM directory WHERE account = ? AND kind = ? AND target = ?', [account, kind, license]);
      await tx.run('INSERT INTO directory (hash, account, kind, target) VALUES (?, ?, ?, ?)', [
        keyHash,
        account,
        kind,
        license,
      ]);
    }
    appendJournal(tx, account, {
      type: 'license.key_issued',
      subject: { type: 'license', id: keys[0]!.license },
      actor,
      details: { licenses: keys.map(({ license }) => license) },
      rows: [],
    });
    return { id: keys[0]!.license };
  },
};

/** Whoever owned a license may know its key: it ends where the license leaves his company and those below. The next owner
 * has a new one issued. */
export async function withdrawKey(tx: Tx, account: string, license: string): Promise<void> {
  await tx.run(
    "DELETE FROM directory WHERE account = ? AND kind IN ('machine_license', 'instance_license') AND target = ?",
    [account, license],
  );
}

async function kindOf(reader: Reader, account: string, id: string): Promise<Kind | undefined> {
  for (const [kind, table] of Object.entries(TABLES)) {
    const found = await reader.get(`SELECT id FROM ${table} WHERE account = ? AND id = ?`, [account, id]);
    if (found !== undefined) return kind as Kind;
  }
  return undefined;
}
