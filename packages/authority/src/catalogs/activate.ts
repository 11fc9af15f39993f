import { LeaseholdError, type EventType } from '@leasehold/protocol';
import { catalogs as builtIn, type Catalog, type Profile } from '@leasehold/terms';
import { BY_ROLE, type By, type Change } from '../serving/changes.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { compareAnswers } from './compare.js';
import { activeIn, catalogVersion, contentOf, type CatalogColumns } from './rows.js';

/** The version that decides from now on; null: the built-in catalog of the profile. */
interface Turn {
  readonly profile: Profile;
  readonly from: CatalogColumns | undefined;
  readonly to: CatalogColumns | undefined;
}
type Done = { readonly id: string };

/** Lets a version decide. Machines get it with the lease of their next check-in. */
export const catalogActivate: Change<{ readonly version: number }, Turn, Done> = {
  edits: ({ version }) => [String(version)],
  async judge(reader, by, { version }, now) {
    const to = await catalogVersion(reader, by.account, version);
    if (to.state === 'active') {
      throw new LeaseholdError('CONFLICT', `Version ${version} is in force already.`, {
        path: 'version',
        remedy: 'There is nothing to do; `leasehold admin catalogs` shows what is in force.',
      });
    }
    const turn = { profile: to.profile, from: await activeIn(reader, by.account, to.profile), to };
    return { decision: await foretold(reader, by, turn, now), plan: turn };
  },
  async apply(tx, by, { version }, turn, now) {
    await tx.run('UPDATE catalogs SET activated_at = ?, replaced = ? WHERE account = ? AND version = ?', [
      now,
      turn.from?.version ?? null,
      by.account,
      version,
    ]);
    return turnTo(tx, by, turn, 'catalog.activated');
  },
};

/** Puts back what was in force before: the version that the present one replaced, or the built-in catalog. */
export const catalogRollBack: Change<{ readonly profile: Profile }, Turn, Done> = {
  async judge(reader, by, { profile }, now) {
    const from = await activeIn(reader, by.account, profile);
    if (from === undefined) {
      throw new LeaseholdError('CONFLICT', `The built-in catalog of ${profile} is in force: nothing lies before it.`, {
        path: 'body.profile',
        remedy: 'Activate a version of your own: leasehold admin catalog activate VERSION',
      });
    }
    const to = from.replaced === null ? undefined : await catalogVersion(reader, by.account, from.replaced);
    return { decision: await foretold(reader, by, { profile, from, to }, now), plan: { profile, from, to } };
  },
  apply: (tx, by, _input, turn) => turnTo(tx, by, turn, 'catalog.rolled_back'),
};

/** A dry run tells whose decisions change. */
async function foretold(reader: Reader, by: By, { profile, to }: Turn, now: number): Promise<typeof BY_ROLE> {
  if (!by.dryRun) return BY_ROLE;
  const catalog = to === undefined ? builtIn[profile] : contentOf(to);
  const value = await compareAnswers(reader, by.account, profile, ({ facts }) => ({ facts, catalog }), now);
  return { ...BY_ROLE, value };
}

async function turnTo(tx: Tx, { account, actor }: By, { profile, from, to }: Turn, type: EventType): Promise<Done> {
  await tx.run("UPDATE catalogs SET state = 'kept' WHERE account = ? AND profile = ?", [account, profile]);
  if (to !== undefined)
    await tx.run("UPDATE catalogs SET state = 'active' WHERE account = ? AND version = ?", [account, to.version]);
  await tx.run('UPDATE accounts SET catalogs = ? WHERE account = ?', [await inForce(tx, account), account]);
  const [before, after] = [from?.version ?? null, to?.version ?? null];
  const id = String(after ?? before);
  const details = { profile, from: before, to: after };
  appendJournal(tx, account, { type, subject: { type: 'catalog', id }, actor, details, rows: [] });
  return { id };
}

async function inForce(reader: Reader, account: string): Promise<string | null> {
  const rows = await reader.all<CatalogColumns>("SELECT * FROM catalogs WHERE account = ? AND state = 'active'", [
    account,
  ]);
  if (rows.length === 0) return null;
  const byProfile: Partial<Record<Profile, Catalog>> = {};
  for (const row of rows) byProfile[row.profile] = contentOf(row);
  return JSON.stringify(byProfile);
}
