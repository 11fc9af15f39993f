import type { Reader } from '../tx.js';

/** A table as the database itself describes it. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** The primary key's columns, in its order. */
  readonly key: readonly string[];
  /** The columns of text: what makes a row long. */
  readonly texts: readonly string[];
}

/** Every table of ours except the record of migrations, by name. Columns that the database computes are left out. */
export async function tableShapes(reader: Reader, engine: 'sqlite' | 'postgres'): Promise<TableShape[]> {
  const rows = await reader.all<{ name: string; column: string; type: string; key_place: number | null }>(
    engine === 'sqlite' ? OF_SQLITE : OF_POSTGRES,
  );
  const tables = new Map<string, typeof rows>();
  for (const row of rows) tables.set(row.name, [...(tables.get(row.name) ?? []), row]);
  return [...tables].map(([name, columns]) => ({
    name,
    columns: columns.map((row) => row.column).sort(),
    key: columns
      .filter((row) => (row.key_place ?? 0) > 0)
      .sort((a, b) => a.key_place! - b.key_place!)
      .map((row) => row.column),
    texts: columns.filter((row) => row.type.toLowerCase() === 'text').map((row) => row.column),
  }));
}

/** `hidden` is 2 or 3 for computed columns (sqlite.org/pragma.html#pragma_table_xinfo). */
const OF_SQLITE = `
  SELECT t.name AS name, c.name AS column, c.type AS type, c.pk AS key_place
    FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'schema_migrations' AND c.hidden = 0
    ORDER BY t.name`;

const OF_POSTGRES = `
  SELECT c.table_name AS name, c.column_name AS column, c.data_type AS type,
      k.ordinal_position::int AS key_place
    FROM information_schema.columns c
    LEFT JOIN information_schema.table_constraints p
      ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
    LEFT JOIN information_schema.key_column_usage k
      ON k.constraint_schema = p.constraint_schema AND k.constraint_name = p.constraint_name
        AND k.column_name = c.column_name
    WHERE c.table_schema = current_schema() AND c.table_name <> 'schema_migrations' AND c.is_generated = 'NEVER'
    ORDER BY c.table_name`;
