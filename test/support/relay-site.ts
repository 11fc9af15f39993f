import { join } from 'node:path';
import { openRelay, type Relay } from '@leasehold/relay';
import { openLicense, type License, type Testing } from '@leasehold/sdk';
import { asPerson, PRODUCT, startBench, type Bench } from './authority.js';
import { cleanUp, DAY, HandClock, machineNamed, temporaryFolder } from './sdk-fixture.js';

const START = Date.parse('2026-06-15T10:00:00Z');

/** A Pool Key for so many OBM clients, from a license that is pooled for it. */
export async function poolKey(
  bench: Bench,
  obm: number,
): Promise<{ readonly id: string; readonly licenseKey: string }> {
  const license = {
    id: 'OEM-1',
    type: 'OEM',
    purchase: 'purchased',
    cals: { obm: 1000, acb: 1000 },
    freeUpgradeUntil: '2099-06-30',
  } as const;
  await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [license] } });
  await asPerson(bench, 'poolConvert', { params: { license: 'OEM-1' }, body: { confirmName: 'OEM-1' } });
  const pool = (await asPerson(bench, 'poolCreate', { body: { name: 'North', type: 'OEM' } })).body.id!;
  await asPerson(bench, 'poolSetQuota', { params: { pool }, body: { quota: { obm: 500, acb: 500 } } });
  const body = { licenseeName: 'Server1', quota: { obm, acb: 0 } };
  const made = await asPerson(bench, 'poolKeyCreate', { params: { pool }, body });
  return { id: made.body.id!, licenseKey: made.body.licenseKey! };
}

/** A backup server with a Pool Key for a few clients, and the relay that lends it. */
export class RelaySite {
  readonly clock: HandClock = new HandClock(START);
  readonly bench: Bench;
  readonly key: { readonly id: string; readonly licenseKey: string };
  server!: License;
  relay!: Relay;
  readonly #serverDir: string = join(temporaryFolder(), 'server');
  readonly #relayDir: string = join(temporaryFolder(), 'relay');

  private constructor(bench: Bench, key: RelaySite['key']) {
    this.bench = bench;
    this.key = key;
  }

  static async start(quota: number, policy: Record<string, number> = {}): Promise<RelaySite> {
    const bench = await startBench(START, { policy });
    cleanUp(() => bench.close());
    const site = new RelaySite(bench, await poolKey(bench, quota));
    await site.openServer();
    return site;
  }

  async openServer(): Promise<void> {
    this.server = await openLicense({
      ...this.#common('server', this.#serverDir),
      authority: this.bench.authority.url,
      activation: { key: this.key.licenseKey },
      server: () => ({ used: this.relay?.used() ?? {} }),
    });
    cleanUp(() => this.server.close());
    await this.openRelay();
  }

  async openRelay(): Promise<void> {
    const testing = { now: () => this.clock.wallMs };
    this.relay = await openRelay({ license: this.server, folder: this.#relayDir, testing });
    cleanUp(() => this.relay.close());
  }

  /** Goes on to this day after the start, everywhere. */
  passTo(day: number): void {
    const at = START + day * DAY;
    this.clock.pass(at - this.clock.wallMs);
    this.bench.clock = at;
  }

  async setQuota(obm: number): Promise<void> {
    const { status, problem } = await asPerson(this.bench, 'poolKeySetQuota', {
      params: { key: this.key.id },
      body: { quota: { obm, acb: 0 } },
    });
    if (status !== 200) throw new Error(JSON.stringify(problem));
    await this.server.check();
  }

  /** An agent of a machine of this name; it joins by `code`. */
  async agent(
    name: string,
    code: string,
    { folder = join(temporaryFolder(), name), wire }: { folder?: string; wire?: Testing['wire'] } = {},
  ): Promise<License> {
    const common = this.#common(name, folder);
    const license = await openLicense({
      ...common,
      testing: { ...common.testing, ...(wire === undefined ? {} : { wire }) },
      authority: this.relay.url,
      activation: { key: code },
    });
    cleanUp(() => license.close());
    return license;
  }

  #common(name: string, stateDir: string) {
    const { rootJwk } = this.bench;
    const testing = { clock: this.clock, socket: { runFolder: temporaryFolder() }, ...machineNamed(name) };
    return { product: PRODUCT, version: '12.1', roots: [rootJwk], stateDir, label: name, testing };
  }
}
