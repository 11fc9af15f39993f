import type { InventoryReport } from '@leasehold/inventory';
import { CONFIG_OPTION, readConfig } from '../agent/config.js';
import type { InventoryOutcome } from '@leasehold/sdk';
import { asFailure, withLicense } from '../agent/open.js';
import { EXIT, type Command, type Io } from '../command.js';
import { readSources, sayUntold, SOURCE_OPTIONS, type Read } from '../inventory/sources.js';

type Told = Extract<InventoryOutcome, { ok: true }>;

export const command: Command = {
  options: {
    ...SOURCE_OPTIONS,
    from: { ...SOURCE_OPTIONS['from']!, required: true },
    agentless: { what: 'Agentless backups run through this machine (AIP-7.4)' },
    'dry-run': { what: 'Ask the hypervisors, say what would be told, and tell nothing' },
    ...CONFIG_OPTION,
  },
  notes: [
    'Run it once a day at least: what was told counts without a warning for 72 hours (F-3).',
    'leasehold inventory report --from libvirt --uri qemu:///system --uri qemu+ssh://kvm-2/system --agentless',
  ],
  async run(given, io) {
    const { product } = await readConfig(given);
    const read = await readSources(given, product);
    if (given.has('dry-run')) return say(given.json, read, undefined, io);
    const told = await withLicense(given, async (license) => {
      const outcome = await license.inventory.report(read.report, { agentlessInUse: given.has('agentless') });
      if (outcome.ok) return outcome;
      throw asFailure(outcome.problem);
    });
    return say(given.json, read, told, io);
  },
};

/** @param told what the authority took; undefined on a dry run */
function say(json: boolean, read: Read, told: Told | undefined, io: Io): number {
  const { report, silent, inaccessible } = read;
  const { sent, disputed = [] } = told ?? {};
  const taken = told === undefined ? { dryRun: true } : { told: sent, disputed };
  if (json) io.out(JSON.stringify({ ...report, silent, inaccessible, ...taken }));
  else printHosts(report, io);
  const names = new Map([...report.hosts, ...(report.clusters ?? [])].map(({ id, name }) => [id, name ?? id]));
  for (const id of disputed) {
    io.err(`${names.get(id)} belongs to another company: nothing of it was taken over. Ask the provider whose it is.`);
  }
  sayUntold(read, io);
  return EXIT.ok;
}

function printHosts({ hosts, clusters = [] }: InventoryReport, io: Io): void {
  for (const { id, name, hypervisor, guests } of hosts) {
    io.out(`${(name ?? id).padEnd(30)}${hypervisor.padEnd(10)}${guests.length} guests`);
  }
  for (const { id, name, nodes } of clusters) io.out(`${(name ?? id).padEnd(30)}cluster   ${nodes.length} nodes`);
}
