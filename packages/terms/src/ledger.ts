import type {
  BackupServer,
  BootMedium,
  ClusterGroup,
  Company,
  Facts,
  Hci,
  Host,
  Instance,
  ItProSession,
  License,
  LicensePool,
  Machine,
  MspLicense,
  PoolKey,
  PoolLicense,
} from './model.js';
import { TermsError } from './problem.js';

/** Lists of the facts whose entries have an id. */
interface Entries {
  readonly machines: Machine;
  readonly hosts: Host;
  readonly hcis: Hci;
  readonly clusters: ClusterGroup;
  readonly licenses: License | MspLicense | PoolLicense;
  readonly media: BootMedium;
  readonly sessions: ItProSession;
  readonly companies: Company;
  readonly instances: Instance;
  readonly pools: LicensePool;
  readonly keys: PoolKey;
  readonly servers: BackupServer;
}
export type Collection = keyof Entries;

/** The facts, found by id and by binding, so that a judgement costs the same with 12 and with 100,000 licenses. */
export class Ledger {
  readonly facts: Facts;
  readonly #byId: Map<Collection, Map<string, unknown>> = new Map();
  #bound: Map<string, License[]> | undefined;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** The entry with this id, or undefined. */
  find<Name extends Collection>(name: Name, id: string | null | undefined): Entries[Name] | undefined {
    if (id === undefined || id === null) return undefined;
    let index = this.#byId.get(name);
    if (index === undefined) {
      const entries: readonly { readonly id: string }[] = this.facts[name] ?? [];
      this.#byId.set(name, (index = new Map(entries.map((entry) => [entry.id, entry]))));
    }
    return index.get(id) as Entries[Name] | undefined;
  }

  /** The entry that a question names. @throws TermsError UNKNOWN_ID at `when.<field>` */
  get<Name extends Collection>(name: Name, id: string, field: string): Entries[Name] {
    const entry = this.find(name, id);
    if (entry !== undefined) return entry;
    throw new TermsError('UNKNOWN_ID', `when.${field}`, `add "${id}" to given.${name}, or name one that is there`);
  }

  machine(id: string | undefined): Machine | undefined {
    return this.find('machines', id);
  }

  host(id: string | undefined): Host | undefined {
    return this.find('hosts', id);
  }

  /** Licenses bound to one thing: `bound('host', 'esx1')`. */
  bound(type: string, id: string): readonly License[] {
    this.#bound ??= indexBindings(this.facts);
    return this.#bound.get(`${type}:${id}`) ?? [];
  }

  /** Every license of the machine profile. */
  licenses(): readonly License[] {
    return (this.facts.licenses ?? []) as readonly License[];
  }

  /** Hypervisors that run on a machine. */
  hostsOn(machineId: string): readonly Host[] {
    return (this.facts.hosts ?? []).filter((host) => host.onMachine === machineId);
  }

  /** Machines with a HyperAgent. */
  hyperAgents(): readonly Machine[] {
    return (this.facts.machines ?? []).filter((machine) => machine.hyperAgent !== undefined);
  }

  /** The hyper-converged system of a host, whether the host or the system says so. */
  hciOf(hostId: string): string | undefined {
    return this.host(hostId)?.hciId ?? first(this.facts.hcis ?? [], (hci) => hci.hostIds.includes(hostId))?.id;
  }

  /** Its hosts, sorted. */
  hciHosts(id: string): readonly string[] {
    const own = (this.facts.hosts ?? []).filter((host) => host.hciId === id).map((host) => host.id);
    return [...new Set([...(this.find('hcis', id)?.hostIds ?? []), ...own])].sort();
  }

  /** The cluster group of a machine, whether the machine or the group says so. */
  clusterOf(machine: Machine): ClusterGroup | undefined {
    return (
      this.find('clusters', machine.clusterGroupId) ??
      first(this.facts.clusters ?? [], (group) => group.nodeIds.includes(machine.id))
    );
  }

  /** Node ids of a group: in its own order, then those that name it. */
  nodesOf(group: ClusterGroup): readonly string[] {
    const own = (this.facts.machines ?? []).filter((machine) => machine.clusterGroupId === group.id);
    return [...new Set([...group.nodeIds, ...own.map((machine) => machine.id).sort()])];
  }
}

/** The match with the least id: the order of facts says nothing. */
function first<Entry extends { readonly id: string }>(
  list: readonly Entry[],
  matches: (entry: Entry) => boolean,
): Entry | undefined {
  return list.filter(matches).sort((one, other) => (one.id < other.id ? -1 : 1))[0];
}

function indexBindings(facts: Facts): Map<string, License[]> {
  const index = new Map<string, License[]>();
  for (const license of (facts.licenses ?? []) as readonly License[]) {
    const bound = license.boundTo;
    if (bound === null || bound === undefined) continue;
    const key = `${bound.type}:${bound.id}`;
    const list = index.get(key);
    if (list === undefined) index.set(key, [license]);
    else list.push(license);
  }
  return index;
}
