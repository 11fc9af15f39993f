import { machineCode, type ReplyOf, type RequestOf, type RouteName } from '@leasehold/protocol';
import { sha256 } from '../../../packages/authority/src/keys/ed25519.js';
import {
  Agent,
  asDevice,
  asPerson,
  machine,
  nonce,
  PRODUCT,
  startBench,
  type Answer,
  type Bench,
} from '../../support/authority.js';
import { orders } from './northlake-orders.js';
import { newSigner } from '../../support/signing.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Mon, Nov 23, 2026, 09:14 in the account's zone. */
export const NOW = Date.parse('2026-11-23T14:14:00Z');

type NewLicense = RequestOf<'licensesCreate'>['licenses'][number];
type Os = 'windows_server' | 'windows_client' | 'linux';

/** A service provider's realm as one finds it on a Monday morning, made by the authority's own routes over three weeks
 * of its clock: six companies, some 40 machines, pools and keys, boot media, sessions and refusals. */
export async function startNorthlake(): Promise<Bench> {
  const account = {
    account: 'northlake',
    name: 'Northlake Backup',
    timeZone: 'America/New_York',
    prefix: 'Northlake-PoolKey',
  };
  // Days are closed as they pass, also where they pass within a second.
  const bench = await startBench(NOW - 20 * DAY, account, undefined, { timedWorkSeconds: 0.05 });
  const realm = new Realm(bench);
  await realm.companies();
  await realm.licenses();
  await realm.hosts();
  await realm.machines();
  await realm.pools();
  await realm.media();
  await orders.made(bench);
  const at = async (before: number, act: () => Promise<void>) => {
    bench.clock = NOW - before;
    await act();
  };
  await at(8 * DAY, () => realm.checkIns());
  await at(5 * DAY + 11 * HOUR, () => realm.migration());
  await at(4 * DAY + 6 * HOUR, () => realm.server('cbs-nc1-west', { obm: 9, acb: 11 }));
  await at(4 * DAY, () => realm.checkIns());
  await at(3 * DAY, () => realm.copy('kes-cad-07'));
  await at(2 * DAY + 2 * HOUR, () => realm.server('cbs-nc1-east', { obm: 8, acb: 6 }));
  await at(2 * DAY, () => realm.server('cbs-north-01', { obm: 22, acb: 9 }));
  await at(3 * HOUR + 9 * MINUTE, () => realm.decisions());
  await at(74 * MINUTE, () => realm.checkIns(['kes-lic-01', 'hbr-desk-14', 'cbs-nc1-west']));
  await at(50 * MINUTE, () => orders.lately(bench));
  await at(37 * MINUTE, () => realm.sessions());
  bench.clock = NOW;
  return bench;
}

/** Company, machine, system, license type; one row a machine. */
const FLEET: readonly (readonly [company: string, name: string, os: Os, license: string])[] = [
  ['harbor', 'hbr-sql-01', 'windows_server', 'SV-2QK7-9F3C-M4TD'],
  ['harbor', 'hbr-files-02', 'windows_server', 'SV-2QK7-9F3C-N8WA'],
  ['harbor', 'hbr-desk-11', 'windows_client', 'DT-7C1E-22AF-0K3P'],
  ['harbor', 'hbr-desk-12', 'windows_client', 'DT-7C1E-22AF-0K4R'],
  ['harbor', 'hbr-desk-14', 'windows_client', 'DT-7C1E-22AF-0K5S'],
  ['mirai', 'mir-wms-01', 'windows_server', 'SV-5HX0-71BD-C1RP'],
  ['mirai', 'mir-wms-02', 'windows_server', 'SV-5HX0-71BD-D7JE'],
  ['mirai', 'mir-dc-01', 'windows_server', 'SV-8ZB3-4402-Q0VG'],
  ['mirai', 'mir-desk-03', 'windows_client', 'DT-3MW8-90QA-1T7B'],
  ['mirai', 'mir-desk-04', 'windows_client', 'DT-3MW8-90QA-1T8C'],
  ['kestrel', 'kes-lic-01', 'windows_server', 'SV-1TN4-66E0-X6KB'],
  ['erlenau', 'erl-scada-01', 'windows_server', 'SV-9WC2-0B7D-F3HS'],
  ['erlenau', 'erl-scada-02', 'windows_server', 'SV-9WC2-0B7D-G5MZ'],
  ['erlenau', 'erl-desk-21', 'windows_client', 'DT-5RR9-1C3E-7Y2M'],
  ['erlenau', 'erl-desk-22', 'windows_client', 'DT-5RR9-1C3E-7Y3N'],
  ['pinecrest', 'prn-dc-01', 'windows_server', 'SV-6DM8-A1F4-R9TX'],
  ['pinecrest', 'prn-print-01', 'windows_server', 'SV-6DM8-A1F4-S4YC'],
  ['tolland', 'tol-files-01', 'windows_server', 'SV-3LR5-5D2B-A7NE'],
  ['tolland', 'tol-desk-31', 'windows_client', 'DT-8VQ1-6E4C-9P5T'],
];

const ENDS: Readonly<Record<string, string>> = {
  harbor: '2027-02-28',
  mirai: '2027-06-30',
  kestrel: '2026-12-12',
  erlenau: '2027-09-30',
  pinecrest: '2027-04-15',
  tolland: '2027-01-31',
};
const TRANSACTIONS: Readonly<Record<string, string>> = {
  harbor: 'T-20418',
  mirai: 'T-20977',
  kestrel: 'T-19803',
  erlenau: 'T-21220',
  pinecrest: 'T-18664',
  tolland: 'T-20305',
};
const COMPANIES: Readonly<Record<string, string>> = {
  harbor: 'Harbor Dental',
  mirai: 'Mirai Logistics',
  kestrel: 'Kestrel Survey',
  erlenau: 'Erlenau Energie',
  pinecrest: 'Pinecrest',
  tolland: 'Tolland Foods',
};

const MSP = { profile: 'msp', kind: 'commercial', term: 'subscription', seats: 1, autoRenew: true } as const;
const AIP = {
  profile: 'aip',
  kind: 'commercial',
  term: 'perpetual',
  companyId: null,
  seats: 1,
  autoRenew: false,
} as const;

class Realm {
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
    const fleet = FLEET.map(([companyId, name, os, id]): NewLicense => {
      const type = os === 'windows_client' ? 'desktop' : 'server';
      // Two that ended, one that ends soon: what an overview is for.
      const validUntil = name === 'prn-print-01' ? '2026-11-19' : (ENDS[companyId] ?? '2027-03-31');
      const autoRenew = !['kestrel', 'pinecrest'].includes(companyId);
      return { ...MSP, id, type, companyId, validUntil, autoRenew, transaction: TRANSACTIONS[companyId]! };
    });
    const spare = ['DT-7C1E-22AF-0K6T', 'DT-7C1E-22AF-0K7V', 'SV-9WC2-0B7D-J2PA'].map((id): NewLicense => ({
      ...MSP,
      id,
      type: id.startsWith('SV') ? 'server' : 'desktop',
      companyId: null,
      validUntil: '2026-12-03',
      autoRenew: false,
      transaction: 'T-21307',
    }));
    const trials = ['TR-0A1B-77C2-01', 'TR-0A1B-77C2-02'].map((id): NewLicense => ({
      ...MSP,
      id,
      kind: 'trial',
      term: 'trial',
      type: 'server',
      companyId: 'kestrel',
      validUntil: '2026-12-05',
      autoRenew: false,
    }));
    const hosts: NewLicense[] = [
      {
        ...AIP,
        id: 'VL-0C9D-3310-K5XW',
        type: 'virtual',
        validUntil: null,
        companyId: 'kestrel',
        boundTo: { type: 'host', id: 'esx-kes-01' },
      },
      {
        ...AIP,
        id: 'VL-6YE3-8841-D8ZN',
        type: 'virtual',
        validUntil: null,
        companyId: 'tolland',
        boundTo: { type: 'host', id: 'esx-tol-01' },
      },
      {
        ...AIP,
        id: 'VL-2BB7-1290-H1QF',
        type: 'virtual',
        term: 'subscription',
        validUntil: '2027-02-28',
        companyId: 'erlenau',
        seats: 4,
      },
      {
        ...AIP,
        id: 'CL-7RW2-5C0E-B1QN',
        type: 'cloud',
        term: 'subscription',
        validUntil: '2027-01-15',
        companyId: 'mirai',
        seats: 6,
      },
      {
        ...AIP,
        id: 'LX-4TT0-9A6D-M3VE',
        type: 'linux',
        term: 'subscription',
        validUntil: '2026-11-09',
        companyId: 'pinecrest',
        seats: 2,
      },
      {
        ...AIP,
        id: 'ITP-3VK8-2204-Q2',
        type: 'it_pro',
        term: 'subscription',
        validUntil: '2027-03-31',
        boundTo: { type: 'technician', id: 'mika' },
      },
      {
        ...AIP,
        id: 'ITP-9BD1-2205-H7',
        type: 'it_pro',
        term: 'subscription',
        validUntil: '2027-10-12',
        boundTo: { type: 'technician', id: 'ana' },
      },
      {
        ...AIP,
        id: 'ITP-5RW0-2206-K8',
        type: 'it_pro',
        term: 'subscription',
        validUntil: '2027-06-30',
        boundTo: { type: 'technician', id: 'jun' },
      },
      {
        ...AIP,
        id: 'AN-4FP1-0177-T2KD',
        type: 'additional_node',
        validUntil: null,
        companyId: 'erlenau',
        boundTo: { type: 'cluster_group', id: 'erl-hv' },
      },
    ];
    const made = await this.#ask('licensesCreate', { body: { licenses: [...fleet, ...spare, ...trials, ...hosts] } });
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
    const license = (
      id: string,
      type: 'OEM' | 'Standard',
      obm: number,
      acb: number,
      freeUpgradeUntil: string,
      purchase: 'purchased' | 'metered' = 'purchased',
    ) => ({ id, type, purchase, cals: { obm, acb }, freeUpgradeUntil }) as const;
    await this.#ask('poolLicensesCreate', {
      body: {
        licenses: [
          license('Northlake-CSV-OEM-01', 'OEM', 100, 100, '2027-10-01'),
          license('Northlake-CSV-OEM-03', 'OEM', 20, 20, '2027-12-15'),
          license('Northlake-CSV-OEM-02', 'OEM', 40, 40, '2027-03-01'),
          license('Northlake-CSV-Standard-07', 'Standard', 15, 5, '2027-08-01'),
          license('Northlake-CSV-Metered-01', 'Standard', 500, 500, '2027-08-01', 'metered'),
        ],
      },
    });
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

const KEY_OF: Readonly<Record<string, string>> = {
  'cbs-nc1-east': 'NewCompany1-LicenseKey1',
  'cbs-nc1-west': 'NewCompany1-LicenseKey2',
  'cbs-north-01': 'North',
};

function succeeded<T>(what: string, { status, body, problem }: Answer<T>): T {
  if (status === 200) return body;
  throw new Error(`${what}: ${JSON.stringify(problem)}`);
}
