import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../packages/authority/src/store/index.js';
import { engines } from '../../support/store-engines.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);

describe.each(engines)('the journal on $name', (engine) => {
  let store: Store<typeof registry>;
  let serial = 0;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
  });
  afterAll(() => store?.close());

  const change = (sql: string) => store.execute('change', { sql }, NOW);
  /** A journal of ten rows. */
  async function tenRows(): Promise<string> {
    serial += 1;
    const account = `a${serial}`;
    await store.execute('createAccount', { account }, NOW);
    for (let index = 1; index <= 10; index += 1)
      await store.execute('note', { account, type: 'note', name: `${index}` }, NOW + index);
    return account;
  }
  const verify = (account: string) => store.read('verify', { account });

  test('an untouched one verifies, whole and in slices', async () => {
    const account = await tenRows();
    expect(await verify(account)).toMatchObject({ ok: true, rows: 10, done: true });
    const first = await store.read('verify', { account, limit: 4 });
    expect(first).toMatchObject({ ok: true, rows: 4, done: false, upTo: { seq: 4 } });
    const from = first.ok ? first.upTo : undefined;
    expect(await store.read('verify', { account, limit: 100, ...(from && { from }) })).toMatchObject({
      ok: true,
      rows: 6,
      done: true,
    });
  });

  test('long rows are read a few at a time, and verify like others', async () => {
    const account = 'long';
    await store.execute('createAccount', { account }, NOW);
    const rows = [{ table: 'license', id: 'L', row: { name: 'x'.repeat(800_000) } }] as const;
    for (const name of 'abcde') await store.execute('note', { account, type: 'note', name, rows }, NOW);
    const counts: number[] = [];
    let seq = 0;
    for (let more = true; more;) {
      const slice = await store.read('slice', { account, after: seq });
      counts.push(slice.rows.length);
      seq = slice.rows.at(-1)!.seq;
      more = slice.more;
    }
    expect([counts, seq]).toEqual([[2, 2, 1], 5]);
    const first = await store.read('verify', { account });
    expect(first).toMatchObject({ ok: true, rows: 2, done: false });
    const from = first.ok ? first.upTo : undefined;
    expect(await store.read('verify', { account, ...(from && { from }) })).toMatchObject({ rows: 2, done: false });
  });

  test.each([
    ['an edited type', "UPDATE journal SET type = 'other' WHERE account = '$' AND seq = 5", 5, 'edited'],
    ['an edited actor', "UPDATE journal SET actor = 'admin:2' WHERE account = '$' AND seq = 5", 5, 'edited'],
    ['an edited time', "UPDATE journal SET at = at + 1 WHERE account = '$' AND seq = 5", 5, 'edited'],
    ['an edited epoch', "UPDATE journal SET epoch = 2 WHERE account = '$' AND seq = 10", 10, 'edited'],
    ['an edited subject', "UPDATE journal SET subject = 'x' WHERE account = '$' AND seq = 5", 5, 'payload_edited'],
    ['an edited company', "UPDATE journal SET company_id = 'x' WHERE account = '$' AND seq = 5", 5, 'payload_edited'],
    ['an edited payload', "UPDATE journal SET payload = '{}' WHERE account = '$' AND seq = 5", 5, 'payload_edited'],
    [
      'a payload that vanished',
      "UPDATE journal SET payload = NULL WHERE account = '$' AND seq = 5",
      5,
      'payload_missing',
    ],
    ['a removed row', "DELETE FROM journal WHERE account = '$' AND seq = 5", 6, 'broken'],
    ['a removed first row', "DELETE FROM journal WHERE account = '$' AND seq = 1", 2, 'broken'],
    ['a removed last row', "DELETE FROM journal WHERE account = '$' AND seq = 10", 9, 'head_differs'],
    [
      'an inserted row',
      `INSERT INTO journal (account, seq, epoch, at, type, subject, actor, payload, payload_hash, prev_hash, hash)
         SELECT account, 11, epoch, at, type, subject, actor, payload, payload_hash, hash, hash FROM journal
           WHERE account = '$' AND seq = 10`,
      11,
      'edited',
    ],
  ])('%s is found', async (_what, sql, seq, fault) => {
    const account = await tenRows();
    await change(sql.replaceAll('$', account));
    expect(await verify(account)).toEqual({ ok: false, seq, fault });
  });

  test('reordered rows are found', async () => {
    const account = await tenRows();
    for (const [from, to] of [
      [4, 99],
      [5, 4],
      [99, 5],
    ])
      await change(`UPDATE journal SET seq = ${to} WHERE account = '${account}' AND seq = ${from}`);
    expect(await verify(account)).toEqual({ ok: false, seq: 4, fault: 'broken' });
  });

  test('a tail cut off together with its head number still differs in the hash', async () => {
    const account = await tenRows();
    await change(`DELETE FROM journal WHERE account = '${account}' AND seq = 10`);
    await change(`UPDATE journal_heads SET seq = 9 WHERE account = '${account}'`);
    expect(await verify(account)).toEqual({ ok: false, seq: 9, fault: 'head_differs' });
  });
});
