import { expect, test } from 'vitest';
import type { JournalRow, RowChange } from '../../extension/src/model/rows.js';
import { changesOf, upsert } from '../../extension/src/model/tables.js';

const pool = (id: string, keys = 0) => ({ id, name: id, type: 'OEM', quota: { obm: 1 }, keyQuota: {}, keys });
const change = (row: ReturnType<typeof pool> | null, id: string): RowChange => ({ table: 'pool', id, row });

test('a changed row takes its place, a new one comes last, a removed one goes', () => {
  const rows = [pool('a'), pool('b')];
  const changes = [change(pool('b', 3), 'b'), change(pool('c'), 'c'), change(null, 'a')];
  expect(upsert(rows, 'pool', changes, 'append')).toEqual([pool('b', 3), pool('c')]);
});

test('a list of a page takes no row that is not in view', () => {
  const rows = [pool('a')];
  expect(upsert(rows, 'pool', [change(pool('c'), 'c')], 'known')).toBe(rows);
});

test('rows of another table change nothing, and the same array stays', () => {
  const rows = [pool('a')];
  expect(upsert(rows, 'machine', [change(pool('a', 9), 'a')], 'append')).toBe(rows);
});

const entry = (payload: string | null): JournalRow => ({
  epoch: 1,
  seq: 1,
  at: 1,
  type: 'pool.created',
  actor: 'system',
  payload,
  payloadHash: 'aa',
  prev: '',
  hash: 'bb',
});
const payload = (row: unknown) =>
  JSON.stringify({ subject: { type: 'pool', id: 'a' }, details: {}, rows: [{ table: 'pool', id: 'a', row }] });

test('a row is taken from a payload only when it passes the guard of its table', () => {
  expect(changesOf([entry(payload(pool('a')))])).toEqual([change(pool('a'), 'a')]);
  expect(changesOf([entry(payload({ ...pool('a'), keys: -1 }))])).toEqual([]);
  expect(changesOf([entry(payload({ id: 'a', name: '<script>' }))])).toEqual([]);
  expect(changesOf([entry(payload(null))])).toEqual([change(null, 'a')]);
});

test('a payload that is erased, cut off or of another form changes nothing', () => {
  for (const text of [null, '', '{"subject":', '[]', '{"rows":[]}', '{"subject":{},"details":{},"rows":{}}']) {
    expect(changesOf([entry(text)])).toEqual([]);
  }
});
