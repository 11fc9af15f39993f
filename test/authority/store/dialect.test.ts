import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { migrations } from '../../../packages/authority/src/store/migrations/index.js';

const AUTHORITY = fileURLToPath(new URL('../../../packages/authority/src', import.meta.url));

/** What SQLite lacks, or Citus, YugabyteDB or CockroachDB lack or do otherwise. */
const FOREIGN: readonly (readonly [string, RegExp])[] = [
  ['row locks', /\bFOR (UPDATE|SHARE|NO KEY UPDATE|KEY SHARE)\b/],
  ['advisory locks', /\bpg_(try_)?advisory/i],
  ['sequences', /\b(SERIAL|BIGSERIAL|NEXTVAL|AUTOINCREMENT|GENERATED (ALWAYS|BY DEFAULT))\b/i],
  ['json in SQL', /\b(jsonb?_|json_extract)|->>|\bJSONB?\b(?! )/],
  ['triggers and functions', /\bCREATE (OR REPLACE )?(TRIGGER|FUNCTION|PROCEDURE)\b/],
  ['foreign keys', /\b(REFERENCES|FOREIGN KEY)\b/],
  ['OFFSET paging', /\bOFFSET\b/],
  ['upserts of one engine', /\bINSERT OR (REPLACE|IGNORE)\b|\bREPLACE INTO\b|\bMERGE INTO\b/],
  ['SQLite alone', /\b(rowid|strftime|datetime\(|ifnull|julianday|GLOB)\b/i],
  ['PostgreSQL alone', /::[a-z]+|\bILIKE\b|\bDISTINCT ON\b|\bto_char\b|\bnow\(\)/],
];

/** Files whose SQL is for one engine on purpose. */
const OWN_DIALECT = /store\/engines\//;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith('.ts') ? [path] : [];
  });
}

/** String and template literals that begin like a statement. */
function statements(text: string): string[] {
  const literals = text.match(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/gs) ?? [];
  return literals.filter((literal) => /^.\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|WITH|DROP)\s/.test(literal));
}

describe('the SQL is of the shared dialect', () => {
  const found = sources(AUTHORITY)
    .filter((path) => !OWN_DIALECT.test(path))
    .flatMap((path) => statements(readFileSync(path, 'utf8')).map((sql) => ({ path, sql })));

  test('it looked at the SQL', () => expect(found.length).toBeGreaterThan(30));

  test.each(FOREIGN)('no %s', (_what, pattern) => {
    expect(found.filter(({ sql }) => pattern.test(sql))).toEqual([]);
  });

  test('the account is in every statement on rows', () => {
    const unscoped = /schema_migrations|directory|PRAGMA/;
    const rows = found.filter(({ sql }) => !/^.\s*(CREATE|ALTER|DROP)\s/.test(sql) && !unscoped.test(sql));
    expect(rows.filter(({ sql }) => !/\baccount\b/.test(sql) && !sql.includes('${'))).toEqual([]);
  });

  test('migrations are numbered in their order, without a gap or a repeat', () => {
    expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
  });

  const schema = migrations.flatMap((migration) => migration.statements);
  test('account leads every primary key, unique key and index', () => {
    const tables = schema.filter((sql) => /^\s*CREATE TABLE/.test(sql) && !sql.includes('CREATE TABLE directory'));
    const led = /account text NOT NULL PRIMARY KEY|PRIMARY KEY \(account\b/;
    expect(tables.length).toBeGreaterThan(20);
    expect(tables.filter((sql) => !led.test(sql))).toEqual([]);
    const indexes = schema.filter((sql) => /^\s*CREATE (UNIQUE )?INDEX/.test(sql));
    expect(indexes.length).toBeGreaterThan(10);
    expect(indexes.filter((sql) => !/\(account, /.test(sql))).toEqual([]);
    expect(schema.filter((sql) => /\bUNIQUE \(/.test(sql))).toEqual([]);
  });

  test('columns are text or bigint, and every key column says NOT NULL', () => {
    const types = schema
      .join('\n')
      .match(/\b(integer|int|real|numeric|boolean|timestamp\w*|date|json\w*|bytea|blob|varchar)\b/gi);
    expect(types).toBeNull();
    for (const sql of schema) {
      const key = /PRIMARY KEY \(([^)]*)\)/.exec(sql)?.[1]?.split(', ') ?? [];
      for (const column of key) expect(sql).toMatch(new RegExp(`\\b${column} (text|bigint) NOT NULL`));
    }
  });
});
