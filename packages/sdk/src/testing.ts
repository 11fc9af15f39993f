import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '@leasehold/fingerprint';
import type { ComponentName, Fingerprint, FingerprintOptions } from '@leasehold/fingerprint';
import { formatLicenseKey } from '@leasehold/protocol';
import { TermsError, readFacts } from '@leasehold/terms';
import type { Known } from '@leasehold/terms';
import type { License } from './license.js';
import { openLicense } from './open-license.js';
import { membersOf, wrong } from './options.js';
import { TestAuthority } from './testing/testing-authority.js';
import type { TestAuthorityState } from './testing/testing-authority.js';
import type { Clock, Reading } from './lease/trusted-clock.js';

/** The states that a product must live with. Each is made by the SDK itself from real tokens, without any network:
 * - `licensed`: all is well · `expires_soon`: ten days are left · `renewal_grace`: ended three days ago;
 * - `needs`: this machine has no license · `offline`: nobody answers · `lapsed`: the lease has ended while offline;
 * - `denied`: the authority took the license back · `not_activated`: nothing is held yet;
 * - `damaged`: the state files were overwritten · `machine_changed`: other hardware than the lease names. */
export type TestState =
  | 'licensed'
  | 'expires_soon'
  | 'renewal_grace'
  | 'needs'
  | 'offline'
  | 'lapsed'
  | 'denied'
  | 'not_activated'
  | 'damaged'
  | 'machine_changed';

const STATES: ReadonlySet<TestState> = new Set<TestState>([
  'licensed',
  'expires_soon',
  'renewal_grace',
  'needs',
  'offline',
  'lapsed',
  'denied',
  'not_activated',
  'damaged',
  'machine_changed',
]);

export interface TestLicenseOptions {
  readonly state: TestState;
  readonly product?: string;
  readonly version?: string;
  /** When it is, epoch milliseconds; now by default. */
  readonly now?: number;
  /** Other facts than one machine license, in any profile; the installation is `self` in them. */
  readonly facts?: Known;
}

export interface TestLicense {
  readonly license: License;
  /** Lets time pass, for warnings, graces and ends. Nothing waits. */
  readonly pass: (days: number) => void;
  /** Closes the license and removes its folder. */
  readonly dispose: () => Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DAY = 86_400_000;
const KEY = formatLicenseKey('license', new Uint8Array(16));

/** A license in any state, for a vendor's own tests: no authority, no key, no network. */
export async function testLicense(options: TestLicenseOptions): Promise<TestLicense> {
  checkTest(options);
  const { state, product = 'test-product', version = '1.0' } = options;
  const clock = new PassingClock(options.now ?? Date.now());
  const facts = options.facts ?? factsFor(state, clock.wall());
  const authority = await TestAuthority.create(product, { facts }, () => clock.wall());
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-testing-'));
  const stateDir = join(folder, 'license');
  const open = (hardware: string): Promise<License> =>
    openLicense({
      product,
      version,
      roots: [authority.root],
      authority: 'http://authority.invalid',
      stateDir,
      ...(state === 'not_activated' || state === 'damaged' ? {} : { activation: { key: KEY } }),
      testing: { clock, wire: authority, socket: { runFolder: folder }, fingerprint: asHardware(hardware) },
    });
  const license = await reach(state, { open, clock, authority: authority.state, stateDir });
  const dispose = async (): Promise<void> => {
    await license.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { license, pass: (days) => clock.pass(days), dispose, [Symbol.asyncDispose]: dispose };
}

const MEMBERS = new Set(['state', 'product', 'version', 'now', 'facts']);

/** A state that is mistyped would be `licensed`, and the test would say nothing of production. */
function checkTest(options: TestLicenseOptions): void {
  const { state, facts } = membersOf(options, MEMBERS);
  if (!STATES.has(state as TestState)) throw wrong('state', `Give one of ${[...STATES].join(', ')}.`);
  if (facts !== undefined) checkFacts(facts);
}

/** With facts that no rule reads nothing would be licensed, whatever the state, and a test of a refusal would pass by that. */
function checkFacts(facts: unknown): void {
  try {
    readFacts({ ...(facts as object), now: new Date(0).toISOString() });
  } catch (cause) {
    if (!(cause instanceof TermsError)) throw cause;
    throw wrong(cause.path.replace('given', 'facts'), `It ${cause.message}.`, cause);
  }
}

interface Stage {
  readonly open: (hardware: string) => Promise<License>;
  readonly clock: PassingClock;
  readonly authority: TestAuthorityState;
  readonly stateDir: string;
}

/** What happens, after the activation, on the way into a state; nothing for the states that the facts make. */
const WAYS: Partial<Record<TestState, { away?: true; refused?: true; days?: number; again?: 'test' | 'other' }>> = {
  offline: { away: true, days: 2 },
  lapsed: { away: true, days: 15 },
  denied: { refused: true },
  damaged: { away: true, again: 'test' },
  machine_changed: { away: true, again: 'other' },
};

async function reach(state: TestState, { open, clock, authority, stateDir }: Stage): Promise<License> {
  const license = await open('test');
  const way = WAYS[state];
  if (way === undefined) return license;
  authority.unreachable = way.away === true;
  if (way.refused === true) authority.refuse = { '/v1/check-in': 'LICENSE_REVOKED' };
  clock.pass(way.days ?? 0);
  await license.check();
  if (way.again === undefined) return license;
  await license.close();
  if (state === 'damaged') await overwrite(stateDir);
  return open(way.again);
}

async function overwrite(stateDir: string): Promise<void> {
  const files = (await readdir(stateDir)).filter((name) => /^license\.[ab]$/.test(name));
  await Promise.all(['license.a', ...files].map((name) => writeFile(join(stateDir, name), 'damaged')));
}

function factsFor(state: TestState, now: number): Known {
  const daysLeft = { expires_soon: 10, renewal_grace: -3 }[state as string];
  const validUntil = daysLeft === undefined ? null : new Date(now + daysLeft * DAY).toISOString();
  const boundTo = { type: 'machine', id: 'self' } as const;
  const term = validUntil === null ? 'perpetual' : 'subscription';
  const license = { id: 'test-license', edition: 'server', term, validUntil, boundTo } as const;
  const machine = { id: 'self', kind: 'physical', os: 'windows_server' } as const;
  return { profile: 'aip', machines: [machine], licenses: state === 'needs' ? [] : [license] };
}

/** The same hardware on every machine that runs the test. */
function asHardware(name: string): (options: FingerprintOptions) => Promise<Fingerprint> {
  const parts: ComponentName[] = ['hardware_uuid', 'machine_id', 'disk_serial', 'mac'];
  const components = Object.fromEntries(
    parts.map((part) => [
      part,
      { state: 'value', hash: Buffer.from(`${part} ${name}`).toString('base64url'), of: 'machine' },
    ]),
  ) as Fingerprint['components'];
  return async (options) => ({ ...(await fingerprint(options)), components, binding: 'test' });
}

class PassingClock implements Clock {
  #wall: number;
  #uptime = DAY;
  constructor(wall: number) {
    this.#wall = wall;
  }
  wall(): number {
    return this.#wall;
  }
  read(): Reading {
    return { wall: this.#wall, uptime: this.#uptime, bootId: 'test' };
  }
  pass(days: number): void {
    this.#wall += days * DAY;
    this.#uptime += days * DAY;
  }
}
