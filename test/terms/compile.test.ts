import { compile, decide, type Facts, type License, type Request } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

const NOW = Date.parse('2026-06-15T10:00:00Z');
const DAY = 86_400_000;
const backup: Request = { action: 'backup', machine: 'srv1' };

function server(id: string, machine: string, validUntil: string): License {
  return { id, edition: 'server', term: 'subscription', validUntil, boundTo: { type: 'machine', id: machine } };
}

const known = {
  profile: 'aip',
  machines: [
    { id: 'srv1', kind: 'physical', os: 'windows_server' },
    { id: 'srv2', kind: 'physical', os: 'windows_server' },
    { id: 'vm1', kind: 'guest', os: 'linux', hostId: 'h1' },
  ],
  hosts: [{ id: 'h1', kind: 'bare_metal', hypervisor: 'kvm', inventoryAsOf: '2026-06-15T00:00:00Z' }],
  licenses: [
    server('l1', 'srv1', '2026-09-01T00:00:00Z'),
    { id: 'v1', edition: 'virtual', term: 'perpetual', validUntil: null, boundTo: { type: 'host', id: 'h1' } },
  ],
} as const satisfies Omit<Facts, 'now'>;

function plain(request: Request, now: number, facts: Omit<Facts, 'now'> = known): unknown {
  return decide({ ...facts, now: new Date(now).toISOString() }, request);
}

describe('a bound handle', () => {
  test('gives the same frozen answer until its horizon', () => {
    const handle = compile(known).bind(backup);
    const answer = handle.decide(NOW);
    expect(answer).toEqual(plain(backup, NOW));
    expect(Object.isFrozen(answer)).toBe(true);
    expect(handle.horizon).toBe(Date.parse('2026-09-01T00:00:00Z') - 30 * DAY);
    expect(handle.decide(handle.horizon - 1)).toBe(answer);
  });

  test('agrees with decide on both sides of every horizon of a year and a half', () => {
    const table = compile(known);
    for (const request of [backup, { ...backup, machine: 'srv2' }, { ...backup, machine: 'vm1' }]) {
      const handle = table.bind(request);
      let at = NOW;
      for (let step = 0; step < 100 && at < NOW + 500 * DAY; step += 1) {
        expect(handle.decide(at)).toEqual(plain(request, at));
        const { horizon } = handle;
        if (horizon === Number.POSITIVE_INFINITY) break;
        expect(handle.decide(horizon - 1)).toEqual(plain(request, horizon - 1));
        expect(handle.decide(horizon)).toEqual(plain(request, horizon));
        at = horizon + 1;
      }
    }
  });

  test('decides again when the clock goes back', () => {
    const handle = compile(known).bind(backup);
    expect(handle.decide(Date.parse('2026-12-01T00:00:00Z')).decision).toBe('needs');
    expect(handle.decide(NOW)).toEqual(plain(backup, NOW));
  });

  test('knows how far a clock behind the last trusted time may run', () => {
    const lease = { issuedAt: '2026-06-05T10:00:00Z', expiresAt: '2026-06-15T12:00:00Z', signature: 'valid' } as const;
    const facts = { ...known, lease, lastTrustedTime: '2026-06-15T13:00:00Z' };
    const handle = compile(facts).bind(backup);
    expect(handle.decide(NOW)).toMatchObject({ decision: 'refuse', also: ['D-6'] });
    expect(handle.horizon).toBe(NOW + 2 * 3_600_000);
    const later = handle.decide(handle.horizon);
    expect(later).toEqual(plain(backup, NOW + 2 * 3_600_000, facts));
    expect(later.also).toBeUndefined();
  });

  test('stands while another handle is asked about other moments, earlier and later', () => {
    const table = compile(known);
    const [one, two] = [table.bind(backup), table.bind({ ...backup, machine: 'vm1' })];
    const moments = [0, 3, 60, 400, 76, 77, 78, 2, -9, 77.5, 0].map((days) => NOW + days * DAY);
    for (const [n, at] of moments.entries()) {
      for (const side of [0, 1, -1, 4_095, -4_095]) {
        expect(one.decide(at + side)).toEqual(plain(backup, at + side));
        const other = moments[(n * 7 + 3) % moments.length]! - side;
        expect(two.decide(other)).toEqual(plain(two.request, other));
      }
    }
  });

  test('gives equal answers as one object', () => {
    const table = compile({ ...known, licenses: [...known.licenses, server('l2', 'srv2', '2026-09-01T00:00:00Z')] });
    const [one, two] = [table.bind(backup), table.bind({ ...backup, machine: 'srv2' })];
    expect(one.decide(NOW)).toBe(two.decide(NOW));
    expect(one.decide(NOW + 60 * DAY)).toBe(two.decide(NOW + 60 * DAY));
    expect(one.decide(NOW)).toBe(two.decide(NOW));
  });

  test('refuses a moment that is none', () => {
    const handle = compile(known).bind(backup);
    expect(() => handle.decide(Number.NaN)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', path: 'now' }));
  });
});

describe('a table', () => {
  test('answers by action and id', () => {
    const table = compile(known);
    expect(table.answer('backup', 'srv1', NOW)).toEqual(plain(backup, NOW));
    expect(table.answer('backup', 'srv1', NOW)).toBe(table.answer('backup', 'srv1', NOW));
    expect(table.answer('restore', 'srv2', NOW)).toEqual(plain({ action: 'restore', machine: 'srv2' }, NOW));
    expect(() => table.answer('backup', 'nobody', NOW)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ID' }));
    expect(() => table.answer('fly', 'srv1', NOW)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ACTION' }));
  });

  test('follows one license that is put, moved and taken away', () => {
    const table = compile(known);
    const [one, two] = [table.bind(backup), table.bind({ ...backup, machine: 'srv2' })];
    expect([one.decide(NOW).decision, two.decide(NOW).decision]).toEqual(['allow', 'needs']);
    table.putLicense(server('l1', 'srv2', '2026-09-01T00:00:00Z'));
    expect([one.decide(NOW).decision, two.decide(NOW).decision]).toEqual(['needs', 'allow']);
    table.putLicense(server('l2', 'srv1', '2026-09-01T00:00:00Z'));
    expect([one.decide(NOW).decision, two.decide(NOW).decision]).toEqual(['allow', 'allow']);
    table.removeLicense('l1');
    table.removeLicense('never there');
    expect([one.decide(NOW).decision, two.decide(NOW).decision]).toEqual(['allow', 'needs']);
  });

  test('leaves the facts it was given as they were', () => {
    const before = structuredClone(known);
    const table = compile(known);
    table.putLicense(server('l9', 'srv2', '2026-09-01T00:00:00Z'));
    table.removeLicense('v1');
    expect(known).toEqual(before);
  });

  test('keeps its handles when the facts are loaded anew', () => {
    const table = compile(known);
    const handle = table.bind(backup);
    expect(handle.decide(NOW).decision).toBe('allow');
    table.load({ ...known, licenses: [] });
    expect(handle.decide(NOW).decision).toBe('needs');
    table.load({ ...known, machines: [] });
    expect(() => handle.decide(NOW)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ID' }));
    table.load(known);
    expect(handle.decide(NOW).decision).toBe('allow');
  });

  test('counts the allowance of HyperAgents anew with every change', () => {
    const agent = { connectableHosts: ['h1'] };
    const facts = {
      ...known,
      machines: [{ id: 'ha', kind: 'physical', os: 'linux', hyperAgent: agent }],
      usage: { agentlessInUse: true, hyperAgentAllowanceUsedBy: [] },
    } as const;
    const table = compile(facts);
    expect(table.answer('backup', 'ha', NOW).reason_rule).toBe('AIP-7.3');
    expect(table.answer('backup', 'ha', NOW).decision).toBe('allow');
    table.removeLicense('v1');
    expect(table.answer('backup', 'ha', NOW).decision).toBe('needs');
  });
});
