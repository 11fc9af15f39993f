import { canonicalJson, LeaseholdError } from '@leasehold/protocol';
import { catalogProblems, type Catalog } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { digestOf } from '../keys/ed25519.js';
import { appendJournal, type Reader } from '../store/index.js';

export interface Upload {
  readonly catalog: Readonly<Record<string, unknown>>;
}

/** Checks a catalog and keeps it as the next version; nothing is decided by it before it is activated. */
export const catalogUpload: Change<
  Upload,
  { readonly version: number; readonly digest: string },
  { readonly id: string }
> = {
  async judge(reader, { account }, { catalog }) {
    assertReadable(catalog);
    const digest = digestOf(canonicalJson(catalog));
    await assertNew(reader, account, digest);
    const last = await reader.get<{ n: number | null }>('SELECT max(version) AS n FROM catalogs WHERE account = ?', [
      account,
    ]);
    const version = (last?.n ?? 0) + 1;
    return { decision: { ...BY_ROLE, value: { version } }, plan: { version, digest } };
  },
  async apply(tx, { account, actor }, { catalog }, { version, digest }, now) {
    const { id, version: own, profile } = catalog as unknown as Catalog;
    const { product } = await accountOf(tx, account);
    const label = `${id} ${own}`;
    await tx.run(
      `INSERT INTO catalogs (account, product, version, digest, token, created_at, profile, label, author)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [account, product, version, digest, JSON.stringify(catalog), now, profile, label, actor],
    );
    appendJournal(tx, account, {
      type: 'catalog.uploaded',
      subject: { type: 'catalog', id: String(version) },
      actor,
      details: { profile, label, digest },
      rows: [],
    });
    return { id: String(version) };
  },
};

/** Everything that is wrong is told at once, each with its place. */
function assertReadable(catalog: Upload['catalog']): void {
  const problems = catalogProblems(catalog).map(({ path, message }) => ({ path: `body.${path}`, detail: message }));
  const [first] = problems;
  if (first === undefined) return;
  throw new LeaseholdError('INPUT_INVALID', `The catalog cannot be used: ${first.path} ${first.detail}`, {
    path: first.path,
    remedy: 'Check the file with `leasehold catalog check FILE`; docs/catalogs.md describes each member.',
    errors: problems.slice(0, 100),
  });
}

async function assertNew(reader: Reader, account: string, digest: string): Promise<void> {
  const same = await reader.get<{ version: number }>(
    'SELECT version FROM catalogs WHERE account = ? AND digest = ? LIMIT 1',
    [account, digest],
  );
  if (same === undefined) return;
  throw new LeaseholdError('CONFLICT', `This very catalog is version ${same.version} already.`, {
    path: 'body.catalog',
    remedy: `Activate it: leasehold admin catalog activate ${same.version}`,
  });
}
