import { decide, en, explain, readCase } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

describe('a rule that answers several causes says nothing that is true of one of them only', () => {
  const sentence = (input: unknown): string => {
    const { facts, request } = readCase(input);
    return explain(decide(facts, request), en, { facts }).sentence;
  };
  const now = '2026-06-15T10:00:00Z';

  test('does not say that a year is over that has not begun', () => {
    const license = {
      id: 'l1',
      edition: 'it_pro',
      term: 'subscription',
      startsAt: '2026-07-01T00:00:00Z',
      validUntil: '2027-07-01T00:00:00Z',
      boundTo: { type: 'technician', id: 'anna' },
    };
    const told = sentence({
      given: {
        profile: 'aip',
        now,
        machines: [{ id: 'a', kind: 'physical', os: 'windows_server' }],
        media: [{ id: 'usb', base: 'winpe', stamp: 'valid' }],
        licenses: [license],
      },
      when: {
        action: 'itpro.session.start',
        license: 'l1',
        technician: 'anna',
        media: 'usb',
        machine: 'a',
        operation: 'backup',
      },
    });
    expect(told).toContain('not valid now');
  });

  test('does not speak of an assigned license where none is, nor of a key where a license is in use', () => {
    const instances = [{ id: 'i1', companyId: 'acme', os: 'macos' }];
    const when = { action: 'license.pick', instance: 'i1', type: 'sql_server' };
    expect(sentence({ given: { profile: 'msp', now, instances }, when })).not.toMatch(/assigned/);
    const license = {
      id: 'A',
      type: 'OEM',
      purchase: 'purchased',
      state: 'poolable',
      cals: {},
      freeUpgradeUntil: '2027-01-01',
      appliedTo: 'cbs2',
    };
    const servers = [{ id: 'cbs1', version: '8' }];
    const apply = { action: 'license.apply', license: 'A', server: 'cbs1' };
    expect(sentence({ given: { profile: 'lmp', now, licenses: [license], servers }, when: apply })).not.toMatch(/key/);
  });

  test('does not call a licensed host unlicensed, nor a declared one unknown', () => {
    const hosts = ['h1', 'h2'].map((id) => ({ id, kind: 'bare_metal' }));
    const virtual = { id: 'v', edition: 'virtual', term: 'perpetual', boundTo: { type: 'host', id: 'h2' } };
    const given = { profile: 'aip', now, hosts, licenses: [virtual] };
    const guest = { id: 'g', kind: 'guest', os: 'linux', hostId: 'h1' };
    const move = { action: 'migrate', kind: 'V2V', source: 'g', targetHost: 'h2' };
    expect(sentence({ given: { ...given, machines: [guest] }, when: move })).not.toMatch(/[Nn]either/);
    const declared = { id: 'g', kind: 'guest', os: 'linux', declaredHostId: 'h1' };
    const backup = { action: 'backup', machine: 'g' };
    expect(sentence({ given: { ...given, machines: [declared] }, when: backup })).not.toMatch(/not known/);
  });

  test('does not call a license free that the new machine holds, nor a wrong place a wrong system', () => {
    const machines = ['old', 'new'].map((id) => ({ id, kind: 'physical', os: 'windows_server' }));
    const licenses = ['old', 'new'].map((id) => ({
      id: `l-${id}`,
      edition: 'server',
      term: 'perpetual',
      boundTo: { type: 'machine', id },
    }));
    const move = { action: 'migrate', kind: 'P2P', source: 'old', targetMachine: 'new', sourceDisposition: 'parallel' };
    expect(sentence({ given: { profile: 'aip', now, machines, licenses }, when: move })).not.toMatch(/free/);
    const given = {
      profile: 'aip',
      now,
      hosts: [{ id: 'h1', kind: 'bare_metal' }],
      licenses: [{ ...licenses[0], boundTo: null }],
    };
    const put = { action: 'license.activate', license: 'l-old', on: { type: 'host', id: 'h1' } };
    expect(sentence({ given, when: put })).not.toMatch(/operating system/);
  });

  test('does not call guests licensed that a backup leaves out, nor a license moved that a plan only asks about', () => {
    const pc = { id: 'pc', kind: 'physical', os: 'windows_client' };
    const given = {
      profile: 'aip',
      now,
      machines: [pc, { id: 'new', kind: 'physical', os: 'windows_client' }],
      hosts: [{ id: 'wk', kind: 'hosted', onMachine: 'pc' }],
      licenses: [{ id: 'd', edition: 'desktop', term: 'perpetual', boundTo: { type: 'machine', id: 'pc' } }],
    };
    expect(sentence({ given, when: { action: 'backup', machine: 'pc', scope: 'host_os' } })).not.toMatch(/guests/);
    const move = { action: 'migrate', kind: 'P2P', source: 'pc', targetMachine: 'new', sourceDisposition: 'parallel' };
    expect(sentence({ given, when: move })).not.toMatch(/has moved/);
  });

  test('does not speak of a former license where there was none, nor of none free where another pool has one', () => {
    const machines = [{ id: 'a', kind: 'physical', os: 'linux' }];
    const restore = { given: { profile: 'aip', now, machines }, when: { action: 'restore', machine: 'a' } };
    expect(sentence(restore)).not.toMatch(/no longer/);
    const license = { id: 'L', type: 'server', kind: 'commercial', companyId: null, assignedTo: null };
    const given = {
      profile: 'msp',
      now,
      policy: { allowGlobalFallback: false },
      instances: [{ id: 'i1', companyId: 'acme', os: 'windows_server' }],
      licenses: [{ ...license, validUntil: '2027-01-01', autoRenew: false }],
    };
    const pick = { action: 'license.pick', instance: 'i1', type: 'server' };
    expect(sentence({ given, when: pick })).toMatch(/free here/);
  });

  test('does not return CALs of a key that is only taken off its server, nor let a server run until a day that is gone', () => {
    const key = {
      id: 'K1',
      poolId: 'P1',
      licenseeName: 'K1',
      quota: { obm: 1 },
      createdAt: '2026-01-01T00:00:00Z',
      status: 'in_use',
      serverId: 'cbs1',
      lastCheckAt: '2026-05-01T08:01:00Z',
    };
    const given = {
      profile: 'lmp',
      now,
      pools: [{ id: 'P1', name: 'P1', type: 'OEM', quota: { obm: 1 } }],
      keys: [key],
    };
    expect(sentence({ given, when: { action: 'key.deactivate', key: 'K1' } })).not.toMatch(/return/);
    expect(sentence({ given, when: { action: 'key.stop_renewing', key: 'K1' } })).not.toMatch(/server runs/);
  });

  test('tells nobody to renew what has not begun, and names what ends', () => {
    const license = { id: 'l1', edition: 'server', term: 'trial', validUntil: '2026-06-20T10:00:00Z' };
    const given = {
      profile: 'aip',
      now,
      machines: [{ id: 'a', kind: 'physical', os: 'windows_server' }],
      licenses: [{ ...license, boundTo: { type: 'machine', id: 'a' } }],
    };
    expect(sentence({ given, when: { action: 'backup', machine: 'a' } })).toMatch(/license or maintenance/);
    const begins = { decision: 'needs', reason_rule: 'AIP-9.4', needs: [] } as const;
    expect(explain(begins, en).cure).not.toMatch(/^Renew it:/);
  });
});
