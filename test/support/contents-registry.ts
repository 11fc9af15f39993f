import { createHash } from 'node:crypto';
import { registry as served } from '../../packages/authority/src/registry.js';
import { defineRegistry, type Reader } from '../../packages/authority/src/store/index.js';

/** What a call may move although it changed nothing: counts of wrong keys, turns of timed work, when a token was used. */
const BESIDE = new Set(['key_guesses', 'timed_work']);

/** A hash over all that the database holds, or over what one account holds. */
async function contents(reader: Reader, { account }: { readonly account?: string }): Promise<string> {
  const hash = createHash('sha256');
  const found = await reader.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  for (const table of found.map(({ name }) => name).filter((name) => !BESIDE.has(name))) {
    const rows = await reader.all<Record<string, unknown>>(`SELECT * FROM ${table}`, []);
    const own = rows.filter((row) => account === undefined || row['account'] === account);
    const texts = own.map((row) => JSON.stringify({ ...row, last_used_at: null }));
    hash.update(`${table}\n${texts.sort().join('\n')}\n`);
  }
  return hash.digest('hex');
}

/** The authority's registry, and a question that only tests ask. */
export const registry = defineRegistry(
  import.meta.url,
  served.commands,
  { ...served.queries, contents },
  served.project === undefined ? {} : { project: served.project },
);
