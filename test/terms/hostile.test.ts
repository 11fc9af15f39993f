import { decide, readCase, TermsError } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

/** Facts and questions that are damaged in one place: a typed error that names the place, or an answer that opens
 * nothing. A missing, empty or foreign value never reads as licensed. */

type Json = Record<string, unknown>;

const now = '2026-06-15T10:00:00Z';
const ended = { id: 'l', edition: 'server', term: 'subscription', validUntil: '2026-01-01T00:00:00Z' };
const onMachine = { type: 'machine', id: 'm' };
const machine = { id: 'm', kind: 'physical', os: 'windows_server' };
const backup = { action: 'backup', machine: 'm', mode: 'agent', scope: 'system_image', protects: 'local' };
const aip = (more: Json): Json => ({ profile: 'aip', now, machines: [machine], hosts: [], ...more });
const bare = { given: aip({ licenses: [] }), when: backup };
const over = { given: aip({ licenses: [{ ...ended, boundTo: onMachine }], policy: { graceDays: {} } }), when: backup };
const held = {
  given: aip({ licenses: [{ ...ended, validUntil: '2028-01-01T00:00:00Z', boundTo: onMachine }] }),
  when: backup,
};

const lease = { issuedAt: '2026-06-01T10:00:00Z', expiresAt: '2026-07-01T00:00:00Z', signature: 'valid' };
const leased = { given: { profile: 'generic', now, lease }, when: { action: 'backup', machine: 'm' } };
const similar = { given: { profile: 'generic', now }, when: { action: 'fingerprint.match', similarity: 0.2 } };
const admitted = {
  given: { profile: 'generic', now, entitlement: { term: 'perpetual', licensed: 5 } },
  when: { action: 'instance.admit', ordinal: 6 },
};

const pooled = { id: 'A', type: 'OEM', purchase: 'purchased', state: 'pooled', appliedTo: null };
const dated = { ...pooled, cals: { obm: 20 }, freeUpgradeUntil: '2027-06-30', pooledAt: '2026-05-01T00:00:00Z' };
const key = { id: 'K', poolId: 'P', licenseeName: 'K', createdAt: now, status: 'not_in_use', serverId: null };
const pools = {
  given: {
    profile: 'lmp',
    now,
    licenses: [dated],
    pools: [{ id: 'P', name: 'P', type: 'OEM', quota: { obm: 20 } }],
    keys: [{ ...key, lastCheckAt: null, quota: { obm: 20 }, used: {} }],
    servers: [{ id: 's', version: '6.9', online: true, freshInstall: true, applied: null }],
  },
  when: { action: 'key.create', pool: 'P', licenseeName: 'k2', quota: { obm: 20 } },
};
const applied = { ...pools, when: { action: 'key.apply', key: 'K', server: 's' } };
const instance = { id: 'i', companyId: 'c', os: 'windows_server' };
const expired = { id: 'L', type: 'server', kind: 'commercial', companyId: null, assignedTo: 'i', autoRenew: false };
const msp = {
  given: { profile: 'msp', now, instances: [instance], licenses: [{ ...expired, validUntil: '2026-06-14' }] },
  when: { action: 'backup', instance: 'i' },
};
const media = {
  given: aip({ licenses: [], media: [{ id: 'be', base: 'winpe', stamp: 'valid' }] }),
  when: { action: 'be_media.use', media: 'be', machine: 'm', purpose: 'system_recovery', recoveryProof: 'forged' },
};

const WRONG = [null, 5, true, 'x', '', [], {}, -1, 1e308, '2026-02-30T00:00:00Z', '2027-02-30', '__proto__'];

/** A question, the place in it that is damaged, and the damages that are right in that place. */
const places: readonly (readonly [question: { given: Json; when: Json }, place: string, right?: readonly unknown[]])[] =
  [
    [bare, 'given.licenses', [[]]],
    [bare, 'given.machines'],
    [bare, 'given.machines.0.shortSince'],
    [bare, 'given.profile'],
    [bare, 'when.action'],
    [over, 'given.licenses.0'],
    [over, 'given.licenses.0.term'],
    [over, 'given.licenses.0.startsAt'],
    [over, 'given.policy.graceDays'],
    [over, 'given.policy.graceDays.subscription'],
    [held, 'given.now'],
    [held, 'given.machines.0.kind'],
    [held, 'given.machines.0.os'],
    [held, 'given.licenses.0.boundTo'],
    [held, 'given.licenses.0.boundTo.id'],
    [held, 'given.licenses.0.edition'],
    [held, 'given.licenses.0.state'],
    [held, 'given.licenses.0.validUntil'],
    [held, 'when.mode'],
    [leased, 'given.lease.expiresAt'],
    [leased, 'given.lease.signature'],
    [leased, 'given.lease'],
    [similar, 'when.similarity'],
    [admitted, 'when.ordinal', [5]],
    [admitted, 'given.entitlement.licensed'],
    [pools, 'given.licenses.0.freeUpgradeUntil'],
    [pools, 'given.licenses.0.cals'],
    [pools, 'given.pools.0.quota'],
    [pools, 'given.keys.0.quota', [{}]],
    [pools, 'given.keys.0.quota.obm'],
    // A year is a number of a version, too.
    [applied, 'given.servers.0.version', ['2026-02-30T00:00:00Z', '2027-02-30']],
    [msp, 'given.licenses.0.validUntil'],
    [media, 'given.media.0.stamp'],
    [media, 'when.recoveryProof'],
    [media, 'when.oneTimeCode'],
  ];

function damaged(question: unknown, place: string, value: unknown): unknown {
  const copy = structuredClone(question) as Json;
  const path = place.split('.');
  const last = path.pop()!;
  const parent = path.reduce((at, name) => at[name] as Json, copy);
  parent[last] = value;
  return { id: place, ...copy };
}

/** What becomes of it: the code of its error, or the decision. */
function outcome(question: unknown): string {
  try {
    const { facts, request } = readCase(question);
    return decide(facts, request).decision;
  } catch (error) {
    if (!(error instanceof TermsError) || error.path === '') throw error;
    return error.code;
  }
}

describe('nothing is opened by a wrong', () => {
  for (const [question, place, right = []] of places) {
    test(`${place} (${String(question.given['profile'])}, ${String(question.when['action'])})`, () => {
      const wrong = WRONG.filter((value) => !right.some((one) => JSON.stringify(one) === JSON.stringify(value)));
      const opened = wrong.filter((value) => ['allow', 'warn'].includes(outcome(damaged(question, place, value))));
      expect(opened).toEqual([]);
    });
  }
});

describe('of what is empty no cover can be told', () => {
  test.each([
    ['system without hosts', 'hci', { hcis: [{ id: 'x', hostIds: [] }] }],
    ['group without nodes', 'cluster_group', { clusters: [{ id: 'x', nodeIds: [] }] }],
  ])('a %s', (_name, type, facts) => {
    const question = {
      given: aip({ licenses: [], ...facts }),
      when: { action: 'coverage.check', scope: { type, id: 'x' } },
    };
    expect(() => readCase(question)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', path: 'when.scope.id' }));
  });
});

describe('what would be passed over in a question of the console', () => {
  const nothing = { profile: 'msp', now, licenses: [], instances: [], companies: [], account: {} };

  test.each(['license.list', 'license.groups'])('%s: a filter that there is not', (action) => {
    const asked = (filters: Json) => () => readCase({ given: nothing, when: { action, filters } });
    expect(asked({ validiti: 'expired' })).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', path: 'when.filters.validiti' }),
    );
    expect(asked({ validiti: 'expired' })).toThrow('search, company, kind, validity, usage, autoRenewOnly');
    expect(asked({ validity: 'expired' })).not.toThrow();
  });

  test.each([2 ** 53, 1e300, -(2 ** 53)])(
    'license.buy: %s licenses, which no computer counts one by one',
    (quantity) => {
      const when = { action: 'license.buy', type: 'server', quantity };
      expect(() => readCase({ given: nothing, when })).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID', path: 'when.quantity' }),
      );
      expect(() => readCase({ given: nothing, when: { ...when, quantity: 1.5 } })).not.toThrow();
    },
  );
});

test('a list as long as a file may hold is read like a short one', () => {
  const many = 200_000;
  const warnDays = Array.from({ length: many }, () => 30);
  const soon = { ...ended, validUntil: '2026-06-20T00:00:00Z', boundTo: onMachine };
  const warned = readCase({ given: aip({ licenses: [soon], policy: { warnDays } }), when: backup });
  expect(decide(warned.facts, warned.request)).toMatchObject({ decision: 'warn', reason_rule: 'D-2' });
  const hosts = Array.from({ length: many }, (_none, n) => ({ id: `h${n}`, kind: 'bare_metal', hciId: 'hci' }));
  const licenses = hosts.map(({ id }) => ({ ...soon, id, edition: 'virtual', boundTo: { type: 'host', id } }));
  const guest = { id: 'm', kind: 'guest', os: 'linux', hostId: 'h0' };
  const wide = readCase({ given: aip({ machines: [guest], hosts, licenses }), when: backup });
  expect(decide(wide.facts, wide.request)).toMatchObject({ decision: 'warn', reason_rule: 'D-2' });
});
