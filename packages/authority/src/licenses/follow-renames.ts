import type { Tx } from '../store/index.js';
import { companyView, indexLicenses } from './license-index.js';

/** Licenses that take their new place with the new name itself. */
const AT_ONCE = 200;

interface View {
  readonly facet: number;
  readonly type: string;
  readonly id: string;
}

/** A company has another name, and its licenses another place in the order by company: the first of them at once, all of
 * them by the clock ({@link followRenames}), because one company may own a million, and because a command that read the
 * old name may be committed after this one. */
export async function companyRenamed(tx: Tx, account: string, company: string, now: number): Promise<void> {
  await tx.run(
    `INSERT INTO renamed_companies (account, company_id, facet, type, id) VALUES (?, ?, -1, '', '')
       ON CONFLICT (account, company_id) DO UPDATE SET facet = -1, type = '', id = ''`,
    [account, company],
  );
  await index(tx, account, await licensesOf(tx, account, company, { facet: -1, type: '', id: '' }, AT_ONCE), now);
}

/** Indexes up to `limit` licenses of companies that were renamed. Answers how many. */
export async function followRenames(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  let done = 0;
  while (done < limit) {
    const renamed = await tx.get<View & { company_id: string }>(
      'SELECT company_id, facet, type, id FROM renamed_companies WHERE account = ? ORDER BY company_id LIMIT 1',
      [account],
    );
    if (renamed === undefined) break;
    const { company_id: company } = renamed;
    const views = await licensesOf(tx, account, company, renamed, limit - done);
    await index(tx, account, views, now);
    const last = views.at(-1);
    if (last === undefined)
      await tx.run('DELETE FROM renamed_companies WHERE account = ? AND company_id = ?', [account, company]);
    else
      await tx.run('UPDATE renamed_companies SET facet = ?, type = ?, id = ? WHERE account = ? AND company_id = ?', [
        last.facet,
        last.type,
        last.id,
        account,
        company,
      ]);
    done += views.length;
  }
  return done;
}

function licensesOf(tx: Tx, account: string, company: string, from: View, limit: number): Promise<View[]> {
  return tx.all<View>(
    `SELECT facet, type, id FROM license_views WHERE account = ? AND view = ? AND (facet, type, id) > (?, ?, ?)
       ORDER BY facet, type, id LIMIT ?`,
    [account, companyView(company), from.facet, from.type, from.id, limit],
  );
}

function index(tx: Tx, account: string, views: readonly View[], now: number): Promise<void> {
  return indexLicenses(tx, account, views.map(({ id }) => id).sort(), now);
}
