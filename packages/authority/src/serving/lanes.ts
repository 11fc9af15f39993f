import { ROUTES, type RouteName, type RouteRow } from '@leasehold/protocol';
import type { Door } from './door.js';
import { Lane } from './lane.js';
import type { Services } from '../services.js';

/** `routine`: the daily checks, which can wait. `devices`: activations and technicians' sessions, behind which a person
 * waits. `people`: the console. The feed is a stream and takes no turn. */
type LaneName = 'routine' | 'devices' | 'people';

/** Calls under way in each. Of PostgreSQL's 16 connections some are left for the feed, timed work and the probe; SQLite
 * takes up to 64 commands into one commit, so that more may be under way. */
const WIDTHS = {
  postgres: { routine: 7, devices: 3, people: 3 },
  sqlite: { routine: 128, devices: 64, people: 64 },
} as const satisfies Record<string, Record<LaneName, number>>;

/** Bodies that are read at once, of devices and of people: of 2 MB at most each. */
const READ = { devices: 256, people: 64 } as const;

/** Every call of the wire by its lane. A herd of agents never takes the place of an admin or a technician. */
export class Lanes {
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #reading: Readonly<Record<keyof typeof READ, Lane>>;

  constructor({ settings, store }: Services, door: Door) {
    const widths = WIDTHS[store.engine];
    const clock = (): number => performance.now();
    const random = (): number => settings.random(1)[0]! / 256;
    const later = (serve: () => void): void => door.afterNewcomers(serve);
    const lane = (width: number): Lane => new Lane({ width, clock, random, later });
    const { routine, devices, people } = widths;
    this.#reading = { devices: lane(READ.devices), people: lane(READ.people) };
    this.#lanes = { routine: lane(routine), devices: lane(devices), people: lane(people) };
  }

  /** Undefined for what is answered from memory, and for the feed. */
  of(route: RouteName | undefined): Lane | undefined {
    if (route === undefined || route === 'feed') return undefined;
    const { access }: RouteRow = ROUTES[route];
    if (access === 'public') return undefined;
    if (access !== 'device') return this.#lanes.people;
    return route === 'checkIn' || route === 'inventory' ? this.#lanes.routine : this.#lanes.devices;
  }

  /** Where a call waits until its body may be read; undefined where it brings none. */
  before(route: RouteName | undefined): Lane | undefined {
    if (route === undefined) return undefined;
    const { access, method, request }: RouteRow = ROUTES[route];
    if (access === 'public' || request === undefined || method === 'DELETE') return undefined;
    return access === 'device' ? this.#reading.devices : this.#reading.people;
  }

  /** For monitors. */
  gauges(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.#lanes).flatMap(([name, { waiting, turnedAway }]) => [
        [`${name}_waiting`, waiting],
        [`${name}_turned_away`, turnedAway],
      ]),
    );
  }
}
