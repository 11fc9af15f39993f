import { Holders } from './holders.js';
import type {
  BackupServer,
  BootMedium,
  ClusterGroup,
  Company,
  Hci,
  Host,
  Instance,
  ItProSession,
  Known,
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

/** A number and the span of effective time in which it holds. */
interface Sum {
  readonly value: number;
  readonly from: number;
  readonly until: number;
}

type Groups = ReadonlyMap<string, readonly string[]>;

/** The facts, found by id and by what holds a license, so that a judgement costs the same with 12 and with 100,000
 * licenses. Each index is built when it is first asked for. */
export class Ledger {
  /** With the licenses as they are now. */
  facts: Known;
  /** Sums over many licenses, with the time for which they hold; see `Question.remember`. */
  readonly sums: Map<string, Sum> = new Map();
  readonly #byId: Map<Collection, Map<string, unknown>> = new Map();
  readonly #groups: Map<string, Groups> = new Map();
  #holders: Holders | undefined;
  #agents: readonly Machine[] | undefined;
  /** The licenses of `facts`, once they are ours to change. */
  #licenses: Entries['licenses'][] | undefined;

  constructor(facts: Known) {
    this.facts = facts;
  }

  /** Builds at once what questions about licenses look into, and what a change of one needs. */
  indexLicenses(): void {
    this.find('licenses', '');
    this.#holders ??= new Holders(this.facts.licenses ?? []);
  }

  /** Puts one license in the place of the one with its id, adds it, or takes it away. */
  putLicense(id: string, license: Entries['licenses'] | undefined): void {
    const before = this.find('licenses', id);
    const licenses = this.#ownLicenses();
    const byId = this.#byId.get('licenses');
    if (before !== undefined) {
      this.holders.remove(before);
      const last = licenses.pop();
      // The order of licenses says nothing: the last one fills the gap.
      if (last !== undefined && last !== before) licenses[licenses.indexOf(before)] = last;
      byId?.delete(id);
    }
    if (license !== undefined) {
      this.holders.add(license);
      licenses.push(license);
      byId?.set(id, license);
    }
    this.sums.clear();
  }

  #ownLicenses(): Entries['licenses'][] {
    if (this.#licenses === undefined) {
      this.#licenses = [...(this.facts.licenses ?? [])];
      this.facts = { ...this.facts, licenses: this.#licenses };
    }
    return this.#licenses;
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

  /** Licenses by what holds them. */
  get holders(): Holders {
    this.#holders ??= new Holders(this.facts.licenses ?? []);
    return this.#holders;
  }

  /** Licenses bound to one thing: `bound('host', 'esx1')`. */
  bound(type: string, id: string): readonly License[] {
    return this.holders.of(type, id) as readonly License[];
  }

  /** Hypervisors that run on a machine. */
  hostsOn(machineId: string): readonly Host[] {
    const ids = this.#group('hostsOn', () => (this.facts.hosts ?? []).map((host) => [host.onMachine, host.id]));
    return (ids.get(machineId) ?? []).map((id) => this.host(id) as Host);
  }

  /** Machines with a HyperAgent. */
  hyperAgents(): readonly Machine[] {
    this.#agents ??= (this.facts.machines ?? []).filter((machine) => machine.hyperAgent !== undefined);
    return this.#agents;
  }

  /** The hyper-converged systems of a host: the one that it names and each that lists it, because facts that disagree
   * must not make the system smaller (AIP-5.3). */
  hcisOf(hostId: string): readonly string[] {
    const said = (): [string, string][] => [
      ...(this.facts.hosts ?? []).flatMap(({ id, hciId }): [string, string][] =>
        hciId === undefined ? [] : [[id, hciId]],
      ),
      ...(this.facts.hcis ?? []).flatMap((hci) => hci.hostIds.map((id): [string, string] => [id, hci.id])),
    ];
    return this.#group('hcisOf', said).get(hostId) ?? [];
  }

  /** Its hosts, sorted. */
  hciHosts(id: string): readonly string[] {
    const own = this.#group('hciHosts', () => (this.facts.hosts ?? []).map((host) => [host.hciId, host.id]));
    return [...new Set([...(this.find('hcis', id)?.hostIds ?? []), ...(own.get(id) ?? [])])].sort();
  }

  /** The cluster group of a machine, whether the machine or the group says so. */
  clusterOf(machine: Machine): ClusterGroup | undefined {
    const listed = (): [string, string][] =>
      (this.facts.clusters ?? []).flatMap((group) => group.nodeIds.map((id): [string, string] => [id, group.id]));
    return (
      this.find('clusters', machine.clusterGroupId) ??
      this.find('clusters', this.#group('clusterOf', listed).get(machine.id)?.[0])
    );
  }

  /** Node ids of a group: in its own order, then those that name it. */
  nodesOf(group: ClusterGroup): readonly string[] {
    const own = this.#group('nodes', () => (this.facts.machines ?? []).map((one) => [one.clusterGroupId, one.id]));
    return [...new Set([...group.nodeIds, ...(own.get(group.id) ?? [])])];
  }

  /** Ids by a key, each list sorted: the order of facts says nothing. */
  #group(name: string, pairs: () => readonly (readonly [key: string | undefined, id: string])[]): Groups {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const index = new Map<string, string[]>();
    for (const [key, id] of pairs()) {
      if (key === undefined) continue;
      const list = index.get(key);
      if (list === undefined) index.set(key, [id]);
      else list.push(id);
    }
    for (const list of index.values()) list.sort();
    this.#groups.set(name, index);
    return index;
  }
}
