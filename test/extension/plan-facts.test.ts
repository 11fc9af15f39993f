import { expect, test } from 'vitest';
import { carriersOf } from '../../extension/src/model/plan-facts.js';
import type { HostRow, MachineRow } from '../../extension/src/model/rows.js';

const host = (id: string, coveredBy: string | null) => ({ id, coveredBy }) as HostRow;
const guest = (hostId: string, coveredBy: string) => ({ id: 'm1', hostId, coveredBy }) as MachineRow;
const HOSTS = [host('esx-1', 'V-1'), host('esx-2', 'V-2'), host('esx-3', null)];

test('a plan for a guest looks at the license of the host that it runs on, and of the one that it would come to', () => {
  expect(carriersOf(guest('esx-1', 'host:esx-1'), HOSTS, 'esx-2')).toEqual(['V-1', 'V-2']);
  expect(carriersOf(guest('esx-1', 'host:esx-1'), HOSTS, 'esx-3')).toEqual(['V-1']);
});

test('a machine with a license of its own brings that; nothing chosen asks for nothing', () => {
  expect(carriersOf({ id: 'm1', hostId: null, coveredBy: 'S-1' } as MachineRow, HOSTS, undefined)).toEqual(['S-1']);
  expect(carriersOf(undefined, HOSTS, undefined)).toEqual([]);
});
