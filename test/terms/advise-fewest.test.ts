import type { Facts, License, Machine } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';
import { aip, backup, license, machine } from '../support/aip-facts.js';
import { hold } from '../support/terms-plan.js';

describe('of several free licenses', () => {
  const hosts = ['h1', 'h2'].map((id) => ({ id, kind: 'bare_metal', hypervisor: 'kvm' }) as const);
  const agent = { hyperAgent: { connectableHosts: ['h1', 'h2'] } };
  const until = (validUntil: string): Partial<License> => ({ term: 'subscription', validUntil });

  test('the perpetual one stays for the host that asks for it', () => {
    const facts = aip({
      machines: [machine('g', { kind: 'guest', hostId: 'h1', ...agent })],
      hosts,
      licenses: [license('l1', 'virtual', null), license('l2', 'virtual', null, until('2027-06-01T00:00:00Z'))],
    });
    const plan = hold(facts, { action: 'migrate', kind: 'V2V', source: 'g', targetHost: 'h2' });
    expect(plan).toMatchObject({ licenses: 0 });
    expect(plan.steps).toContainEqual({ do: 'assign', rule: expect.any(String), license: 'l1', bindTo: 'host:h2' });
  });

  test('the one that only fits there is not spent where any would do', () => {
    const facts = aip({
      machines: [machine('a', { os: 'unknown' }), machine('b')],
      licenses: [license('l1', 'server', null), license('l2', 'linux', null)],
    });
    expect(hold(facts, { action: 'standby.deploy', active: 'a', standby: 'b' }).licenses).toBe(0);
  });

  test('the one that lasts longest is assigned, not one that has ended and lives in its grace', () => {
    const facts = aip({
      machines: [machine('a')],
      licenses: [license('l1', 'server', null, until('2026-06-10T00:00:00Z')), license('l2', 'server', null)],
    });
    const plan = hold(facts, backup('a'));
    expect(plan).toMatchObject({ after: { decision: 'allow' }, steps: [{ do: 'assign', license: 'l2' }] });
  });

  test('the license of a machine that is gone does not go to and fro between what is asked about', () => {
    const facts = aip({
      machines: [machine('a', { declared: 'disposed' }), machine('b', { declared: 'disposed' })],
      licenses: [license('l1', 'server', { type: 'machine', id: 'a' })],
    });
    const plan = hold(facts, { action: 'disk_to_disk', source: 'a', target: 'b' });
    expect(plan).toMatchObject({ licenses: 1, steps: [{ do: 'buy', bindTo: 'machine:b' }] });
  });
});

describe('a cluster group with the fewest licenses', () => {
  const nodes = (...more: readonly Partial<Machine>[]): Partial<Facts> => ({
    machines: more.map((each, n) => machine(`n${n + 1}`, { clusterGroupId: 'cg', ...each })),
    clusters: [{ id: 'cg', nodeIds: more.map((_each, n) => `n${n + 1}`) }],
  });
  const ownOf = (id: string): License => license(`l-${id}`, 'server', { type: 'machine', id });

  test('one node of many takes a license of its own, not one for every node that lacks it', () => {
    const facts = aip({ ...nodes({}, {}, {}, {}, {}), licenses: [ownOf('n1'), ownOf('n2')] });
    expect(hold(facts, backup('n3'))).toMatchObject({
      licenses: 1,
      steps: [{ do: 'buy', edition: 'server', bindTo: 'machine:n3' }],
    });
  });

  test('a free license of its own serves where the group would need one more', () => {
    const facts = aip({
      ...nodes({}, {}, {}),
      licenses: [ownOf('n1'), ownOf('n2'), license('free', 'server', null)],
    });
    expect(hold(facts, backup('n3'))).toMatchObject({ licenses: 0, steps: [{ do: 'assign', license: 'free' }] });
  });

  test('the group as a whole: a host that carries two of its nodes is licensed first', () => {
    const facts = aip({
      ...nodes({ kind: 'guest', hostId: 'h1' }, { kind: 'guest', hostId: 'h2' }, { kind: 'guest', hostId: 'h2' }),
      hosts: ['h1', 'h2'].map((id) => ({ id, kind: 'bare_metal', hypervisor: 'kvm' }) as const),
    });
    const plan = hold(facts, { action: 'coverage.check', scope: { type: 'cluster_group', id: 'cg' } });
    expect(plan.licenses).toBe(2);
    expect(plan.steps).toContainEqual(expect.objectContaining({ do: 'buy', edition: 'virtual', bindTo: 'host:h2' }));
  });
});
