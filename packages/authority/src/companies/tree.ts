import type { Reader } from '../store/index.js';

/** Levels of companies below the provider: resellers of resellers, and their companies. */
export const LEVELS = 4;

/** The companies above each of these, itself first: `company` to `[company, reseller, …]`. */
export async function linesOf(
  reader: Reader,
  account: string,
  companies: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const parents = new Map<string, string | null>();
  let ask = [...new Set(companies)];
  for (let level = 0; level < LEVELS && ask.length > 0; level += 1) {
    const rows = await reader.all<{ id: string; parent_id: string | null }>(
      `SELECT id, parent_id FROM companies WHERE account = ? AND id IN (${ask.map(() => '?').join(', ')})`,
      [account, ...ask],
    );
    for (const { id, parent_id: parent } of rows) parents.set(id, parent);
    const above = rows.flatMap(({ parent_id: parent }) => (parent === null || parents.has(parent) ? [] : [parent]));
    ask = [...new Set(above)];
  }
  return new Map(companies.map((id) => [id, lineOf(parents, id)]));
}

function lineOf(parents: ReadonlyMap<string, string | null>, company: string): string[] {
  const line = [company];
  for (let above = parents.get(company); above != null && line.length < LEVELS; above = parents.get(above))
    line.push(above);
  return line;
}

/** Does a company stand below another (or, null, below the provider)? Nobody stands below himself. */
export async function isBelow(
  reader: Reader,
  account: string,
  company: string,
  above: string | null,
): Promise<boolean> {
  if (above === null) return true;
  const line = (await linesOf(reader, account, [company])).get(company) ?? [];
  return line.slice(1).includes(above);
}
