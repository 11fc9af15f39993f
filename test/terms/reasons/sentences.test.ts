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
});
