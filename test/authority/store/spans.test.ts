import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../packages/authority/src/store/index.js';
import { machine } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';
import { registry } from '../../support/store-spans.js';

const LONG = process.env['LONG'] === '1';
const LICENSES = LONG ? 20_000 : 1_000;
const MACHINES = LONG ? 2_000 : 100;
/** Brought in by one command. */
const TOGETHER = LONG ? 200 : 50;
/** Cold ones, which do not count, and all. */
const ROUNDS = LONG ? [5, 20] : [0, 1];
const NOW = Date.UTC(2026, 5, 15);
/** Milliseconds of a turn of the event loop; in the short form, whose code is not warm, only what no one would miss. */
const LIMIT = LONG ? 20 : 100;
const ACCOUNT = 'acme';

/** What this thread has computed so far, ms (proc(5), schedstat): other programs of the machine do not count. */
const SCHEDSTAT = '/proc/thread-self/schedstat';
const computed = (): number => Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) / 1e6;

/** The longest turn of the event loop while `work` goes on, ms of this thread's own work: nothing else is answered
 * meanwhile. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let going = true;
  let before = computed();
  const turn = (): void => {
    const after = computed();
    longest = Math.max(longest, after - before);
    before = computed();
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
  } finally {
    going = false;
  }
  return Math.max(longest, computed() - before);
}

const by = {
  account: ACCOUNT,
  actor: 'admin:test',
  dryRun: false,
  idempotency: null,
  seen: null,
  scope: null,
  named: [],
} as const;
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

function licenses(count: number, name: string) {
  return Array.from({ length: count }, (_, n) => ({
    ...({ profile: 'aip', type: 'server', kind: 'commercial', term: 'perpetual', companyId: null } as const),
    seats: 10,
    validUntil: null,
    autoRenew: false,
    id: `${name}_${n}`,
    keyHash: hash(`${name} ${n}`),
  }));
}

function activation(name: string) {
  const chain = { parent: null, nonce: hash(`nonce ${name}`) };
  const request = { product: 'acme-backup', version: '12.1', chain, machine: machine(name) };
  return { account: ACCOUNT, keyHash: hash('own 0'), jkt: hash(name), freshId: `inst_${name}`, request };
}

describe.runIf(existsSync(SCHEDSTAT)).each(engines)('the thread that answers, on $name', (engine) => {
  let store: Store<typeof registry>;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
    const account = { account: ACCOUNT, name: 'Acme', product: 'acme-backup', salt: 'salt', prefix: null };
    await store.execute('createAccount', { ...account, timeZone: 'UTC', epoch: 1 }, NOW);
    await store.execute('licensesCreate', { by, input: { licenses: licenses(1, 'own') } }, NOW);
    await store.execute('activate', activation('first'), NOW);
    for (let from = 0; from < LICENSES; from += 1000)
      await store.execute('fillLicenses', { account: ACCOUNT, from, to: from + 1000, companies: 307 }, NOW);
    for (let from = 1; from < MACHINES; from += 500) {
      const to = Math.min(MACHINES, from + 500) - 1;
      const fill = { like: 'inst_first', from, to, month: '2026-05', days: 10 };
      await store.execute('fillMachines', fill, NOW);
    }
    await store.execute('takeStock', undefined, NOW);
  }, 600_000);
  afterAll(() => store?.close());

  const page = { account: ACCOUNT, scope: null, after: null, limit: 500, now: NOW };
  const filters = { search: null, company: null, kind: null, validity: null, usage: null, autoRenew: null, type: null };
  const asked = { account: ACCOUNT, month: '2026-05', company: null, after: null };

  test.each<[string, (round: number) => Promise<unknown>]>([
    ['500 licenses sorted by their users', () => store.read('licenses', { ...page, ...filters, sort: 'user' })],
    ['500 licenses found by a word', () => store.read('licenses', { ...page, ...filters, sort: null, search: 'pc' })],
    [
      '500 machines',
      () =>
        store.read('machines', {
          ...page,
          search: null,
          status: null,
          company: null,
          mark: null,
          counts: null,
          sort: null,
        }),
    ],
    ['500 rows of the journal', () => store.read('journalAfter', { account: ACCOUNT, seq: 0, limit: 500 })],
    [
      'a statement of every company',
      () => store.read('statements', { account: ACCOUNT, scope: null, month: '2026-05' }),
    ],
    ['a slice of a statement', () => store.read('statementRecords', asked)],
    [
      `${TOGETHER} licenses at once`,
      (round) => store.execute('licensesCreate', { by, input: { licenses: licenses(TOGETHER, `r${round}`) } }, NOW),
    ],
    ['an activation', (round) => store.execute('activate', activation(`m${round}`), NOW)],
    [
      '64 activations at once, more than there are seats',
      (round) =>
        Promise.all(Array.from({ length: 64 }, (_, n) => store.execute('activate', activation(`x${round}-${n}`), NOW))),
    ],
  ])('%s', { timeout: 120_000 }, async (name, work) => {
    const turns: number[] = [];
    for (let round = 0; round < ROUNDS[1]!; round += 1) turns.push(await longestTurn(() => work(round)));
    turns.splice(0, ROUNDS[0]);
    const longest = turns.toSorted((a, b) => a - b)[turns.length >> 1]!;
    if (LONG)
      console.log(`${engine.name}, ${name}: ${longest.toFixed(1)} ms, at the most ${Math.max(...turns).toFixed(1)} ms`);
    expect(longest).toBeLessThan(LIMIT);
  });
});

test('a turn that computes for long is seen', { skip: !existsSync(SCHEDSTAT) }, async () => {
  const work = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    const begun = computed();
    while (computed() - begun < 30);
  };
  expect(await longestTurn(work)).toBeGreaterThanOrEqual(30);
});
