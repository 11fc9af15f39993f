import type { Facts, License, Machine, Request } from '@leasehold/terms';

/** Facts of machines and hosts at one instant, as tests of the advice write them. */
export const NOW = '2026-06-15T10:00:00Z';

export function aip(facts: Partial<Facts>): Facts {
  return { profile: 'aip', now: NOW, ...facts };
}

export function machine(id: string, more: Partial<Machine> = {}): Machine {
  return { id, kind: 'physical', os: 'windows_server', ...more };
}

export function license(
  id: string,
  edition: string,
  boundTo: License['boundTo'],
  more: Partial<License> = {},
): License {
  return { id, edition, term: 'perpetual', validUntil: null, boundTo, ...more };
}

export function backup(id: string): Request {
  return { action: 'backup', machine: id, mode: 'agent' };
}
