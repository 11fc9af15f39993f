import type { Host, Machine } from '@leasehold/terms';
import { compile } from '@leasehold/terms/engine';
import type { Rights } from '../decision/facts.js';
import type { InventoryTold } from './inventory-desk.js';
import type { Standing } from '../decision/judge.js';

/** Guests that this machine was told of and its lease does not name yet: new ones, while the authority has not been reached
 * since. They are judged by the licenses that the lease does hold. Of a guest that the lease names, the lease is believed:
 * only the authority knows what grace it has. */
export class LocalGuests {
  #told: InventoryTold['hosts'] = [];
  #below: Standing | undefined;
  #standing: Standing | undefined;

  tell(hosts: InventoryTold['hosts']): void {
    this.#told = hosts;
    this.#below = undefined;
  }

  /** What stands, with these guests. */
  over(standing: Standing): Standing {
    if (this.#told.length === 0) return standing;
    if (this.#below !== standing) {
      this.#below = standing;
      this.#standing = standing.rights === undefined ? standing : { ...standing, rights: this.#add(standing.rights) };
    }
    return this.#standing!;
  }

  #add(rights: Rights): Rights {
    const { facts, self, rulebook } = rights;
    const machines = new Map((facts.machines ?? []).map((machine) => [machine.id, machine]));
    const hosts = new Map((facts.hosts ?? []).map((host) => [host.id, host]));
    const own = machines.get(self.id);
    if (own === undefined) return rights;
    const reached = new Set(own.hyperAgent?.connectableHosts);
    const before = machines.size;
    for (const told of this.#told) {
      const id = hosts.has(told.id) ? told.id : knownAs(told, machines);
      reached.add(id);
      if (!hosts.has(id)) hosts.set(id, hostOf(told, id));
      for (const guest of told.guests)
        if (!machines.has(guest)) machines.set(guest, { id: guest, kind: 'guest', os: 'unknown', hostId: id });
    }
    if (machines.size === before) return rights;
    machines.set(own.id, { ...own, hyperAgent: { connectableHosts: [...reached] } });
    const more = { ...facts, machines: [...machines.values()], hosts: [...hosts.values()] };
    return { ...rights, facts: more, table: compile(more, rulebook), handles: new Map() };
  }
}

/** The authority may know a host that the lease does not name under an older id: that on which it has placed all guests
 * that it knows of it. */
function knownAs({ id, guests }: InventoryTold['hosts'][number], machines: ReadonlyMap<string, Machine>): string {
  const places = new Set(guests.flatMap((guest) => machines.get(guest)?.hostId ?? []));
  const [place = id] = places;
  return places.size === 1 ? place : id;
}

function hostOf({ kind, hypervisor, hciId }: InventoryTold['hosts'][number], id: string): Host {
  return { id, kind, hypervisor, ...(hciId === undefined ? {} : { hciId }) };
}
