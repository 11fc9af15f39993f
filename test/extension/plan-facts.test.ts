import { expect, test } from 'vitest';
import { Authority } from '../../extension/src/connection/authority.js';
import type { Live } from '../../extension/src/model/live.js';
import { carriersOf, licensesFor } from '../../extension/src/model/plan-facts.js';
import type { HostRow, MachineRow } from '../../extension/src/model/rows.js';
import { Agent, newLicense, startBench } from '../support/authority.js';

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

test('a license is offered while it has a seat: nobody holds it, or fewer than it has seats for', async () => {
  const bench = await startBench(Date.parse('2026-11-23T10:00:00Z'));
  try {
    for (const [id, seats] of Object.entries({ 'V-none': 2, 'V-part': 2, 'V-full': 1 })) {
      const { licenseKey } = await newLicense(bench, { id, type: 'server', seats });
      if (id !== 'V-none') await (await Agent.on(bench, `pc-${id}`)).activate(licenseKey);
    }
    const authority = new Authority({ url: bench.authority.url, token: bench.ownerToken });
    const offered = licensesFor({ authority } as Live, []);
    await offered.load();
    expect(offered.data.value?.map(({ id, used }) => [id, used])).toEqual([
      ['V-none', 0],
      ['V-part', 1],
    ]);
  } finally {
    await bench.close();
  }
});
