import { createHash } from 'node:crypto';
import { registry as served } from '../../packages/authority/src/registry.js';
import { defineRegistry, type Reader } from '../../packages/authority/src/store/index.js';

/** Tables with a hash of their rows. */
export type Contents = Readonly<Record<string, string>>;

/** What a call may move although it changed nothing: counts of wrong keys, turns of timed work, when a token was used. */
const BESIDE = new Set(['key_guesses', 'timed_work']);

/** A hash over each table of the database. */
async function contents(reader: Reader): Promise<Contents> {
  const hashes: Record<string, string> = {};
  const found = await reader.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  for (const table of found.map(({ name }) => name).filter((name) => !BESIDE.has(name))) {
    const rows = await reader.all<Record<string, unknown>>(`SELECT * FROM ${table}`, []);
    const texts = rows.map((row) => JSON.stringify({ ...row, last_used_at: null }));
    hashes[table] = createHash('sha256').update(texts.sort().join('\n')).digest('hex');
  }
  return hashes;
}

/** The authority's registry, and a question that only tests ask. */
export const registry = defineRegistry(
  import.meta.url,
  served.commands,
  { ...served.queries, contents },
  served.project === undefined ? {} : { project: served.project },
);
