import { LeaseholdError, type EventType } from '@leasehold/protocol';
import {
  appendJournal,
  defineRegistry,
  journalAfter,
  journalHead,
  serialize,
  verifyJournal,
  type JournalEntry,
  type Reader,
  type SqlParams,
  type Tx,
  type VerifiedUpTo,
} from '../../packages/authority/src/store/index.js';
import { verifyWhole, wholeJournal } from './whole-journal.js';

/** Commands and queries of the storage tests: small ones of the real kind, and some that misbehave. */

/** An event of this registry alone. */
const SEAT_TAKEN = 'seat.taken' as string as EventType;

interface Place {
  readonly account: string;
}

async function createAccount(tx: Tx, { account }: Place, now: number): Promise<void> {
  await tx.run(
    `INSERT INTO accounts (account, name, product, salt, time_zone, profile, policy, created_at)
       VALUES (?, ?, 'acme', 'salt', 'UTC', 'generic', '{}', ?)`,
    [account, account, now],
  );
  await tx.run("INSERT INTO journal_heads (account, epoch, seq, hash) VALUES (?, 1, 0, '')", [account]);
}

async function createLicense(tx: Tx, input: Place & { id: string; quota: number }, now: number): Promise<void> {
  await tx.run(
    `INSERT INTO machine_licenses (account, id, edition, term, quota, used, state, created_at, updated_at)
       VALUES (?, ?, 'server', 'perpetual', ?, 0, 'active', ?, ?)`,
    [input.account, input.id, input.quota, now, now],
  );
}

/** Fills licenses `from` to `to`: in parts, because no command of the store may take longer than a statement may. */
async function fillLicenses(tx: Tx, input: Place & { from: number; to: number }, now: number): Promise<void> {
  await tx.run(
    `INSERT INTO machine_licenses (account, id, edition, term, quota, used, state, created_at, updated_at)
       WITH RECURSIVE numbers (n) AS (
         SELECT ${input.from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${input.to}
       )
       SELECT ?, 'l' || n, 'server', 'perpetual', 1, 0, 'active', ${now}, ${now} FROM numbers`,
    [input.account],
  );
}

export interface Claim extends Place {
  readonly license: string;
  readonly instance: string;
}

/** Takes a seat, or finds that this instance holds one already (a reply that was lost). */
async function claim(tx: Tx, input: Claim, now: number): Promise<{ used: number; again: boolean }> {
  const seated = await tx.run(
    `INSERT INTO seats (account, license_id, instance_id, state, taken_at) VALUES (?, ?, ?, 'held', ?)
       ON CONFLICT (account, license_id, instance_id) DO NOTHING`,
    [input.account, input.license, input.instance, now],
  );
  if (seated === 0) return { used: 0, again: true };
  const taken = await tx.get<{ used: number }>(
    `UPDATE machine_licenses SET used = used + 1 WHERE account = ? AND id = ? AND used < quota RETURNING used`,
    [input.account, input.license],
  );
  if (taken === undefined) throw new LeaseholdError('SEATS_EXHAUSTED', 'Every seat is taken.');
  appendJournal(tx, input.account, {
    type: SEAT_TAKEN,
    subject: { type: 'license', id: input.license },
    actor: `instance:${input.instance}`,
    details: { instance: input.instance, used: taken.used },
    rows: [],
  });
  return { used: taken.used, again: false };
}

/** The control of the contention test: it reads, then writes what it read. */
async function claimByCount(tx: Tx, input: Claim, now: number): Promise<void> {
  const row = await tx.get<{ used: number; quota: number }>(
    `SELECT (SELECT count(*) FROM seats WHERE account = ? AND license_id = ?) AS used, quota
       FROM machine_licenses WHERE account = ? AND id = ?`,
    [input.account, input.license, input.account, input.license],
  );
  if (row === undefined || row.used >= row.quota) throw new LeaseholdError('SEATS_EXHAUSTED', 'Every seat is taken.');
  await tx.run("INSERT INTO seats (account, license_id, instance_id, state, taken_at) VALUES (?, ?, ?, 'held', ?)", [
    input.account,
    input.license,
    input.instance,
    now,
  ]);
}

/** As the control, but it asks for an unmoved journal: the count may be trusted. */
async function claimSerialized(tx: Tx, input: Claim, now: number): Promise<void> {
  await serialize(tx, input.account);
  await claimByCount(tx, input, now);
  appendJournal(tx, input.account, {
    type: SEAT_TAKEN,
    subject: { type: 'license', id: input.license },
    actor: 'test',
    details: {},
    rows: [],
  });
}

/** Changes two licenses in the order given. */
async function useBoth(tx: Tx, { account, ids }: Place & { ids: readonly string[] }): Promise<void> {
  for (const id of ids)
    await tx.run('UPDATE machine_licenses SET used = used + 1 WHERE account = ? AND id = ?', [account, id]);
}

async function note(tx: Tx, input: Place & { type: string; name: string; rows?: JournalEntry['rows'] }): Promise<void> {
  appendJournal(tx, input.account, {
    type: input.type as EventType,
    subject: { type: 'note', id: `subject-${input.name}` },
    actor: 'admin:1',
    details: { name: input.name },
    rows: input.rows ?? [],
  });
}

async function awaitOutside(tx: Tx, input: Claim, now: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await claim(tx, input, now);
}

async function failHard(tx: Tx, input: Place): Promise<void> {
  await tx.run('UPDATE accounts SET name = ? WHERE account = ?', ['changed', input.account]);
  await tx.run('INSERT INTO no_such_table (x) VALUES (1)');
}

async function bindBoolean(tx: Tx): Promise<void> {
  await tx.run('UPDATE accounts SET name = ?', [true as unknown as string]);
}

async function change(tx: Tx, { sql, params }: { sql: string; params?: SqlParams }): Promise<number> {
  return tx.run(sql, params);
}

async function rows(tx: Reader, { sql, params }: { sql: string; params?: SqlParams }): Promise<unknown[]> {
  return tx.all(sql, params);
}

async function usage(tx: Reader, input: Place & { license: string }): Promise<{ used: number; seats: number }> {
  const found = await tx.get<{ used: number; seats: number }>(
    `SELECT used, (SELECT count(*) FROM seats WHERE account = ? AND license_id = ?) AS seats
       FROM machine_licenses WHERE account = ? AND id = ?`,
    [input.account, input.license, input.account, input.license],
  );
  return found!;
}

async function licensePage(
  tx: Reader,
  { account, after, limit }: Place & { after: string | null; limit: number },
): Promise<{ rows: { id: string }[]; next: string | null }> {
  const page = await tx.all<{ id: string }>(
    'SELECT id FROM machine_licenses WHERE account = ? AND id > ? ORDER BY id LIMIT ?',
    [account, after ?? '', limit],
  );
  return { rows: page, next: page.length < limit ? null : page.at(-1)!.id };
}

export const registry = defineRegistry(
  import.meta.url,
  {
    createAccount,
    createLicense,
    fillLicenses,
    claim,
    claimByCount,
    claimSerialized,
    note,
    useBoth,
    awaitOutside,
    failHard,
    bindBoolean,
    change,
  },
  {
    rows,
    usage,
    licensePage,
    head: (tx: Reader, { account }: Place) => journalHead(tx, account),
    journal: (tx: Reader, { account, after = 0 }: Place & { after?: number }) => wholeJournal(tx, account, after),
    slice: (tx: Reader, { account, after }: Place & { after: number }) => journalAfter(tx, account, after, 1000),
    verifyWhole: (tx: Reader, { account }: Place) => verifyWhole(tx, account),
    verify: (tx: Reader, { account, from, limit }: Place & { from?: VerifiedUpTo; limit?: number }) =>
      verifyJournal(tx, account, from, limit),
  },
);
