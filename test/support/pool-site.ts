import type { Message, ReplyOf, RequestOf } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, nonce, type Answer, type Bench } from './authority.js';

type Quota = Record<string, number>;
type NewPoolLicense = RequestOf<'poolLicensesCreate'>['licenses'][number];

/** Client access licenses of the case study's two kinds. */
export const cals = (obm: number, acb = obm): Quota => ({ obm, acb });

/** What an admin of pools does, and the backup servers that keys are applied to. */
export class PoolSite {
  readonly bench: Bench;
  constructor(bench: Bench) {
    this.bench = bench;
  }

  purchase(id: string, more: Partial<NewPoolLicense> = {}): Promise<Answer<ReplyOf<'poolLicensesCreate'>>> {
    const row = { type: 'OEM', purchase: 'purchased', cals: cals(100), freeUpgradeUntil: '2027-06-30' } as const;
    return asPerson(this.bench, 'poolLicensesCreate', { body: { licenses: [{ id, ...row, ...more }] } });
  }

  addToPool(license: string, body: RequestOf<'poolConvert'> = { confirmName: license }) {
    return asPerson(this.bench, 'poolConvert', { params: { license }, body });
  }

  createPool(name: string, type = 'OEM') {
    return asPerson(this.bench, 'poolCreate', { body: { name, type } });
  }

  setPool(pool: string, quota: Quota) {
    return asPerson(this.bench, 'poolSetQuota', { params: { pool }, body: { quota } });
  }

  /** A pool with its quota; its id. */
  async pool(name: string, quota: Quota, type = 'OEM'): Promise<string> {
    const id = made(await this.createPool(name, type));
    made(await this.setPool(id, quota));
    return id;
  }

  createKey(pool: string, licenseeName: string, quota: Quota | null) {
    return asPerson(this.bench, 'poolKeyCreate', { params: { pool }, body: { licenseeName, quota } });
  }

  async key(pool: string, licenseeName: string, quota: Quota): Promise<{ id: string; licenseKey: string }> {
    const answer = await this.createKey(pool, licenseeName, quota);
    return { id: made(answer), licenseKey: answer.body.licenseKey! };
  }

  setKey(key: string, quota: Quota) {
    return asPerson(this.bench, 'poolKeySetQuota', { params: { key }, body: { quota } });
  }

  deleteKey(key: string) {
    return asPerson(this.bench, 'poolKeyDelete', { params: { key } });
  }

  renewMaintenance(license: string, until: string) {
    return asPerson(this.bench, 'maintenanceRenew', { params: { license }, body: { until } });
  }

  /** A license key of a purchased license, with which a server applies it by itself. */
  async licenseKey(id: string): Promise<string> {
    const { body } = await asPerson(this.bench, 'licenseKeysIssue', { body: { licenses: [id] } });
    return body.licenses[0]!.licenseKey;
  }

  async page(): Promise<ReplyOf<'pools'>> {
    return (await asPerson(this.bench, 'pools')).body;
  }

  async keyRow(id: string): Promise<Message<'PoolKeyRow'>> {
    return (await this.page()).keys.find((key) => key.id === id)!;
  }

  async licenseRow(id: string): Promise<Message<'PoolLicenseRow'>> {
    return (await this.page()).licenses.find((license) => license.id === id)!;
  }

  async todos(): Promise<Message<'OverviewReply'>['todos']> {
    return (await asPerson(this.bench, 'overview')).body.todos;
  }

  server(name: string, version = '8.5.0'): Promise<BackupServer> {
    return BackupServer.on(this.bench, name).then((server) => Object.assign(server, { version }));
  }
}

/** A backup server: an agent that tells its version and use. */
export class BackupServer {
  readonly #bench: Bench;
  readonly agent: Agent;
  version = '8.5.0';
  used: Quota = cals(0);

  static async on(bench: Bench, name: string): Promise<BackupServer> {
    return new BackupServer(bench, await Agent.on(bench, name));
  }

  private constructor(bench: Bench, agent: Agent) {
    this.#bench = bench;
    this.agent = agent;
  }

  get #report(): Message<'ServerReport'> {
    return { version: this.version, used: this.used, utcOffsetMinutes: 0 };
  }

  apply(licenseKey: string): Promise<Answer<ReplyOf<'activate'>>> {
    return this.agent.activate(licenseKey, { server: this.#report });
  }

  /** The daily check, or *Update* at its console. */
  check(): Promise<Answer<ReplyOf<'checkIn'>>> {
    return this.agent.checkIn({ server: this.#report });
  }

  deactivate(): Promise<Answer<ReplyOf<'deactivate'>>> {
    const { agent } = this;
    const chain = { parent: agent.parent, nonce: nonce() };
    return asDevice(this.#bench, agent.signer, 'deactivate', { instance: agent.instance, chain });
  }

  async row(): Promise<Message<'MachineRow'>> {
    const { body } = await asPerson(this.#bench, 'machines', { query: `?search=${this.agent.instance}` });
    return body.rows[0]!;
  }
}

function made(answer: Answer<{ id?: string }>): string {
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.problem));
  return answer.body.id!;
}
