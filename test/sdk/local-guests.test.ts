import { expect, test } from 'vitest';
import type { Known } from '@leasehold/terms';
import { aip } from '@leasehold/terms/aip';
import { compile } from '@leasehold/terms/engine';
import type { Rights } from '../../packages/sdk/src/decision/facts.js';
import { LocalGuests } from '../../packages/sdk/src/machine/local-guests.js';

const NOW = Date.parse('2026-06-15T10:00:00Z');
const facts: Known = {
  profile: 'aip',
  machines: [
    { id: 'self', kind: 'physical', os: 'linux', hyperAgent: { connectableHosts: ['esx-declared'] } },
    { id: 'old', kind: 'guest', os: 'unknown', hostId: 'esx-declared', shortSince: '2026-06-10T00:00:00Z' },
  ],
  hosts: ['esx-declared', 'kvm-known'].map((id) => ({ id, kind: 'bare_metal', hypervisor: 'kvm' })),
  licenses: [
    { id: 'l', edition: 'virtual', term: 'perpetual', validUntil: null, boundTo: { type: 'host', id: 'esx-declared' } },
  ],
};
const held = { facts, self: { kind: 'machine', id: 'self' }, rulebook: aip, table: compile(facts, aip) };
const standing = { rights: held as unknown as Rights, missing: '' };
const told = (id: string, guests: string[]) => ({ id, kind: 'bare_metal' as const, hypervisor: 'kvm', guests });
const judge = ({ rights }: { rights?: Rights }, machine: string) =>
  rights!.table.bind({ action: 'backup', machine, mode: 'agentless' }).decide(NOW);

test('a new guest is judged by its host, also where the authority knows that under an older id', () => {
  const local = new LocalGuests();
  expect(local.over(standing)).toBe(standing);
  local.tell([told('hash-of-its-uuid', ['old', 'new']), told('kvm-2', ['bare'])]);
  expect(judge(local.over(standing), 'new')).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
  expect(judge(local.over(standing), 'bare')).toMatchObject({ decision: 'needs', needs: [{ bindTo: 'host:kvm-2' }] });
  expect(local.over(standing)).toBe(local.over(standing));
});

test('of a guest that the lease names the lease is believed, wherever it is told of here', () => {
  const local = new LocalGuests();
  local.tell([told('kvm-known', ['old', 'new'])]);
  expect(judge(local.over(standing), 'old')).toMatchObject({ decision: 'allow' });
  // It has moved there, and what is new beside it is covered by nothing.
  expect(judge(local.over(standing), 'new')).toMatchObject({ decision: 'needs' });
  local.tell([told('esx-declared', ['old'])]);
  expect(local.over(standing).rights).toBe(standing.rights);
});
