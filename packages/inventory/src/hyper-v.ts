import { rowIn, rowsIn, textIn, type Row } from './answers.js';
import { HYPER_V_SCRIPT } from './hyper-v-script.js';
import { guestName, readUuid, type HostFound, type HostName, type Inventory, type InventoryProvider } from './model.js';
import { InventoryError, unreadable } from './problem.js';
import { runProgram } from './run-program.js';

export interface HyperVOptions {
  readonly timeoutMs?: number;
  /** Runs the script and answers what it wrote; by powershell.exe of this computer where none is given. */
  readonly run?: (script: string, signal?: AbortSignal) => Promise<string>;
}

const TIMEOUT_MS = 120_000; // a cluster is asked node by node
const PLACE = 'Hyper-V';

/** The Hyper-V of this computer, with all nodes of its failover cluster, by PowerShell as an administrator. */
export function hyperV(options: HyperVOptions = {}): InventoryProvider {
  const { timeoutMs = TIMEOUT_MS, run = byPowerShell(timeoutMs) } = options;
  return {
    async read(signal): Promise<Inventory> {
      const text = await run(HYPER_V_SCRIPT, signal);
      const told = rowIn(parse(text), PLACE, 'the answer');
      const nodes = rowsIn(told['nodes'], PLACE, 'nodes');
      const cluster = told['cluster'] === null ? undefined : rowIn(told['cluster'], PLACE, 'cluster');
      const answered = nodes.filter((node) => node['silent'] !== true);
      if (answered.length === 0) {
        throw new InventoryError('REFUSED', 'No Hyper-V host answers.', 'Run it as an administrator of Hyper-V.');
      }
      const name = cluster === undefined ? '' : textIn(cluster, 'name', PLACE, 'cluster');
      const hosts = answered.map((node) => hostOf(node, cluster?.['s2d'] === true ? name : undefined));
      const silent = nodes
        .filter((node) => node['silent'] === true)
        .map((node) => textIn(node, 'name', PLACE, 'a node'));
      // A node that is silent cannot be named; a group without it would look as if it had left.
      const whole = cluster !== undefined && silent.length === 0;
      return { hosts, clusters: whole ? [{ name, nodes: hosts.map(({ host }) => host) }] : [], silent };
    },
  };
}

function byPowerShell(timeoutMs: number): NonNullable<HyperVOptions['run']> {
  return (script, signal) => {
    const args = ['-NoProfile', '-NonInteractive', '-Command', script];
    return runProgram({ file: 'powershell.exe', args, place: PLACE, timeoutMs, signal });
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw unreadable(PLACE, 'no JSON', cause);
  }
}

function hostOf(node: Row, hci: string | undefined): HostFound {
  const label = textIn(node, 'name', PLACE, 'a node');
  const uuid = readUuid(node['uuid']);
  const host: HostName = uuid === undefined ? { by: 'name', scope: 'hyper-v', name: label } : { by: 'uuid', uuid };
  const { productType } = node;
  if (typeof productType !== 'number') throw unreadable(PLACE, `${label} has no productType`);
  const guests = rowsIn(node['guests'], PLACE, `guests of ${label}`).map((guest) => {
    const seen = guestName(guest['biosGuid'], label, String(guest['id']));
    if (seen === undefined) throw unreadable(PLACE, `a guest of ${label} has no BIOSGUID`);
    return seen;
  });
  const kind = productType === 1 ? 'hosted' : 'bare_metal';
  return { host, label, kind, hypervisor: 'hyperv', ...(hci === undefined ? {} : { hci }), guests };
}
