import { machineCode, type ReplyOf, type RequestOf, type RouteName } from '@leasehold/protocol';
import { sha256 } from '../../../packages/authority/src/keys/ed25519.js';
import {
  Agent,
  asDevice,
  asPerson,
  machine,
  nonce,
  PRODUCT,
  type Answer,
  type Bench,
} from '../../support/authority.js';
import { newSigner } from '../../support/signing.js';
import { COMPANIES, FLEET, KEY_OF, LICENSES, POOL_LICENSES } from './northlake-stock.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Mon, Nov 23, 2026, 09:14 in the account's zone. */
export const NOW = Date.parse('2026-11-23T14:14:00Z');

/** What people, machines and servers of the realm do, each by the authority's own routes. */
export class Realm {
  readonly #bench: Bench;
  readonly #keys = new Map<string, string>();
  readonly #agents = new Map<string, Agent>();
  readonly #servers = new Map<string, Used>();

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async companies(): Promise<void> {
    for (const [id, name] of Object.entries(COMPANIES)) await this.#ask('companyCreate', { body: { id, name } });
  }

  async licenses(): Promise<void> {
    const made = await this.#ask('licensesCreate', { body: { licenses: [...LICENSES] } });
    for (const { id, licenseKey } of made.licenses) this.#keys.set(id, licenseKey);
  }

  async hosts(): Promise<void> {
    const host = (id: string, hypervisor: string, guests: string[], hciId?: string) => ({
      id,
      name: id,
      kind: 'bare_metal' as const,
      hypervisor,
      guests,
      ...(hciId === undefined ? {} : { hciId }),
    });
    const guests = (...names: string[]) => names.map((name) => machine(name).components['hardware_uuid']!);
    await this.#ask('inventoryReport', {
      body: {
        hosts: [
          host('esx-tol-01', 'vmware', guests('tol-erp-01', 'tol-erp-02', 'tol-erp-db')),
          host('esx-kes-01', 'vmware', guests('kes-cad-07', 'kes-gis-01')),
          host('erl-hci-1', 'hyper-v', guests('erl-mes-01', 'erl-mes-02', 'erl-test-01', 'erl-test-02'), 'erlenau-hci'),
          host('erl-hci-2', 'hyper-v', guests('erl-hist-01'), 'erlenau-hci'),
        ],
      },
    });
  }

  async machines(): Promise<void> {
    for (const [, name, os, license] of FLEET) {
      this.#bench.clock += HOUR * 3;
      await this.#activate(name, license, { os });
    }
    const guest = { kind: 'guest', hypervisor: 'vmware' } as const;
    await this.#activate('kes-cad-07', 'VL-0C9D-3310-K5XW', { ...guest, os: 'windows_client' });
    await this.#activate('kes-gis-01', 'VL-0C9D-3310-K5XW', { ...guest, os: 'linux' });
    for (const name of ['tol-erp-01', 'tol-erp-02', 'tol-erp-db']) {
      await this.#activate(name, 'VL-6YE3-8841-D8ZN', {
        ...guest,
        os: name === 'tol-erp-db' ? 'linux' : 'windows_server',
      });
    }
    for (const name of ['erl-mes-01', 'erl-mes-02', 'erl-hist-01']) {
      await this.#activate(name, 'VL-2BB7-1290-H1QF', { kind: 'guest', hypervisor: 'hyper-v', os: 'windows_server' });
    }
    await this.#activate('mir-portal-01', 'CL-7RW2-5C0E-B1QN', { kind: 'cloud', os: 'linux', cloud: 'aws' });
    await this.#activate('mir-portal-02', 'CL-7RW2-5C0E-B1QN', { kind: 'cloud', os: 'linux', cloud: 'aws' });
    await this.#activate('prn-web-01', 'LX-4TT0-9A6D-M3VE', { os: 'linux' });
  }

  /** Two pools of three Pool Keys from pooled OEM licenses; one key is over its quota, one server was not heard of. */
  async pools(): Promise<void> {
    await this.#ask('poolLicensesCreate', { body: { licenses: [...POOL_LICENSES] } });
    for (const id of ['Northlake-CSV-OEM-01', 'Northlake-CSV-OEM-03']) {
      await this.#ask('poolConvert', { params: { license: id }, body: { confirmName: id } });
    }
    const pool = await this.#pool('NewCompany1-Pool', { obm: 24, acb: 24 });
    await this.#key(pool, 'NewCompany1-LicenseKey1', { obm: 10, acb: 10 });
    await this.#key(pool, 'NewCompany1-LicenseKey2', { obm: 10, acb: 10 });
    await this.#key(pool, 'NewCompany1-Test', { obm: 2, acb: 2 });
    const branches = await this.#pool('Branches-Pool', { obm: 40, acb: 20 });
    await this.#key(branches, 'North', { obm: 30, acb: 12 });
    await this.#pool('Reserve', { obm: 0, acb: 0 });
  }

  async media(): Promise<void> {
    const stamp = (media: string, base: 'linux' | 'winpe', licensee: string, validDays: number, technician?: string) =>
      this.#ask('mediaStamp', {
        body: { media, base, licensee, validDays, ...(technician === undefined ? {} : { technician }) },
      });
    await stamp('BE-WPE-0412', 'winpe', 'Northlake Backup', 146, 'mika');
    await stamp('BE-WPE-0417', 'winpe', 'Northlake Backup', 146, 'mika');
    await stamp('BE-LNX-0388', 'linux', 'Northlake Backup', 338, 'ana');
    await stamp('BE-LNX-0390', 'linux', 'Northlake Backup', 219, 'jun');
    await stamp('BE-WPE-0398', 'winpe', 'Harbor Dental', 115);
    await stamp('BE-LNX-0341', 'linux', 'Erlenau Energie', 311);
    await stamp('BE-LNX-0302', 'linux', 'Kestrel Survey', 37);
    await stamp('BE-WPE-0266', 'winpe', 'Pinecrest', 3);
  }

  /** The daily check of every machine but the silent ones. */
  async checkIns(silent: readonly string[] = []): Promise<void> {
    for (const [name, agent] of this.#agents) {
      this.#bench.clock += 20_000;
      if (!silent.includes(name)) succeeded(name, await agent.checkIn(this.#report(name)));
    }
  }

  /** What people said: a standby that waits, a machine that was called dead and speaks, a stick that was checked out for a
   * place without a network, a code that was read out at night. */
  async decisions(): Promise<void> {
    const instance = (name: string) => ({ machine: this.#agents.get(name)!.instance });
    await this.#ask('standbyCreate', { params: instance('kes-gis-01'), body: { name: 'kes-gis-01-sb' } });
    const note = 'Replaced by hbr-desk-14 in October';
    await this.#ask('machineDeclare', { params: instance('hbr-desk-12'), body: { kind: 'dead', note } });
    const spoken = (name: string) => machineCode('northlake', name, sha256);
    const out = { license: 'ITP-5RW0-2206-K8', media: 'BE-LNX-0390', machineOs: 'linux', hours: 12 } as const;
    await this.#ask('voucherCreate', { body: { ...out, machine: await spoken('mir-vault-02') } });
    await this.#ask('codeCreate', {
      params: { media: 'BE-LNX-0302' },
      body: { challenge: await spoken('kes-plot-04'), note: 'kes-plot-04 for Ida Berg: its disk died, no network' },
    });
  }

  /** Two technicians work on; one tries a second stick meanwhile, the other one a stick of the wrong kind. */
  async sessions(): Promise<void> {
    const mika = {
      licenseKey: this.#keys.get('ITP-3VK8-2204-Q2')!,
      technician: 'mika',
      technicianName: 'Mika Aaltonen',
    };
    const ana = { licenseKey: this.#keys.get('ITP-9BD1-2205-H7')!, technician: 'ana', technicianName: 'Ana Ruiz' };
    const live = [
      await this.#start({ ...mika, media: 'BE-WPE-0412', machine: 'tol-files-01', machineOs: 'windows_server' }),
      await this.#start({ ...ana, media: 'BE-LNX-0388', machine: 'prn-lab-03', machineOs: 'linux' }),
    ];
    while (this.#bench.clock < NOW - MINUTE) {
      this.#bench.clock += MINUTE;
      for (const beat of live) await beat();
    }
    const second = { ...mika, media: 'BE-WPE-0417', machine: 'tol-dc-01', machineOs: 'windows_server' } as const;
    const wrong = { ...ana, media: 'BE-WPE-0398', machine: 'kes-gis-01', machineOs: 'linux' } as const;
    for (const ask of [second, wrong]) await asDevice(this.#bench, await newSigner(), 'sessionStart', session(ask));
  }

  /** A live migration that nobody bought a license for. */
  async migration(): Promise<void> {
    const guests = ['tol-erp-02', 'tol-erp-db'].map((name) => machine(name).components['hardware_uuid']!);
    const host = { kind: 'bare_metal', hypervisor: 'vmware' } as const;
    const left = machine('tol-erp-01').components['hardware_uuid']!;
    await this.#ask('inventoryReport', {
      body: {
        hosts: [
          { ...host, id: 'esx-tol-01', name: 'esx-tol-01', guests: [left] },
          { ...host, id: 'esx-tol-02', name: 'esx-tol-02', guests },
        ],
      },
    });
  }

  /** Both halves of a copied machine speak: a fork. */
  async copy(name: string): Promise<void> {
    const original = this.#agents.get(name)!;
    const copy = new Agent(this.#bench, original.signer, original.report);
    Object.assign(copy, { instance: original.instance, parent: original.parent, lease: original.lease });
    for (const half of [original, copy, original]) succeeded(name, await half.checkIn());
  }

  #report(name: string): Partial<RequestOf<'checkIn'>> {
    const used = this.#servers.get(name);
    if (used !== undefined) return { server: { version: '9.1', used, utcOffsetMinutes: -300 } };
    const bytes = 40_000_000_000 + 7_000_000_000 * name.length;
    const at = new Date(this.#bench.clock - 8 * HOUR).toISOString();
    return { usage: { epoch: nonce(), records: [{ n: 1, at, kind: 'backup', bytes, count: 12 }] } };
  }

  async #activate(name: string, license: string, more: Parameters<typeof machine>[1]): Promise<void> {
    const agent = await Agent.on(this.#bench, machine(name, more));
    succeeded(name, await agent.activate(this.#keys.get(license)!));
    this.#agents.set(name, agent);
  }

  /** A backup server applies the Pool Key that was made for it. */
  async server(name: string, used: Used): Promise<void> {
    const agent = await Agent.on(this.#bench, machine(name));
    const key = this.#keys.get(KEY_OF[name]!)!;
    succeeded(name, await agent.activate(key, { server: { version: '9.1', used, utcOffsetMinutes: -300 } }));
    this.#servers.set(name, used);
    this.#agents.set(name, agent);
  }

  async #pool(name: string, quota: { obm: number; acb: number }): Promise<string> {
    const { id } = await this.#ask('poolCreate', { body: { name, type: 'OEM' } });
    await this.#ask('poolSetQuota', { params: { pool: id! }, body: { quota } });
    return id!;
  }

  async #key(pool: string, licenseeName: string, quota: Used): Promise<void> {
    const made = await this.#ask('poolKeyCreate', { params: { pool }, body: { licenseeName, quota } });
    this.#keys.set(licenseeName, made.licenseKey!);
  }

  async #start(ask: SessionAsk): Promise<() => Promise<void>> {
    const signer = await newSigner();
    const started = await asDevice(this.#bench, signer, 'sessionStart', session(ask));
    const params = { session: succeeded(ask.machine, started).session };
    return async () => {
      succeeded(ask.machine, await asDevice(this.#bench, signer, 'sessionBeat', { product: PRODUCT }, params));
    };
  }

  async #ask<R extends RouteName>(route: R, request: Parameters<typeof asPerson<R>>[2]): Promise<ReplyOf<R>> {
    return succeeded(route, await asPerson(this.#bench, route, request));
  }
}

type Used = { readonly obm: number; readonly acb: number };
type SessionAsk = Omit<RequestOf<'sessionStart'>, 'product' | 'operation' | 'nonce'>;
const session = (ask: SessionAsk) => ({ ...ask, product: PRODUCT, operation: 'restore', nonce: nonce() }) as const;

function succeeded<T>(what: string, { status, body, problem }: Answer<T>): T {
  if (status === 200) return body;
  throw new Error(`${what}: ${JSON.stringify(problem)}`);
}
