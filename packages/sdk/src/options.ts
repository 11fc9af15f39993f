import { isAbsolute, resolve } from 'node:path';
import { LeaseholdError, readJwk } from '@leasehold/protocol';
import type { PublicJwk } from '@leasehold/protocol';
import type { SecretStore } from './secrets/secret-store.js';
import type { Testing } from './testing/testing-hook.js';
import { keyId } from './trust/trust.js';
import type { Root } from './trust/trust.js';

/** What a vendor says when it embeds. Only a mistake in here makes `openLicense` reject (OPTIONS_INVALID, with `path`). */
export interface LicenseOptions {
  /** The product's id, as its licenses name it. */
  readonly product: string;
  /** The product's own version. */
  readonly version: string;
  /** The vendor's root public keys, pinned in the product's code: one, or two while they rotate. */
  readonly roots: readonly PublicJwk[];
  /** Address of the authority. Without one nothing ever goes online. */
  readonly authority?: string;
  /** Absolute path of a folder of this product alone; it is made, with mode 700, where it is not there. */
  readonly stateDir: string;
  /** How an installation that holds no license yet gets one: by a license key or a company's enrollment key. `file`: the
   * absolute path of a file that holds it, for silent installations; it may come after the first start. */
  readonly activation?: { readonly key: string } | { readonly file: string };
  /** For so many days from its very first start, 1 to 30, an installation that was never activated backs up with a warning;
   * none by default. A no of the authority ends it, and it is counted once. */
  readonly firstRunDays?: number;
  /** Name of this machine in the admin's console: the host name by default, null for none. */
  readonly label?: string | null;
  /** Tells containers of one image apart where hardware does not: an id that whoever starts them keeps. */
  readonly instanceId?: string;
  /** The hypervisor host that a person says this guest lives on, where nothing can report it (F-1). */
  readonly declaredHostId?: string;
  /** For a backup server that holds a pool key: asked at each check-in how many client licenses are in use (LMP-4.8). */
  readonly server?: () => { readonly used: Readonly<Record<string, number>> };
  /** Where the vendor would put an extension note, should the authority be gone for good: asked while nobody answers. */
  readonly extensionNotes?: string;
  /** PEM of the certificate authorities to trust instead of the public ones. */
  readonly ca?: string;
  /** Where the device key is kept: a sealed file in `stateDir` by default. */
  readonly secrets?: SecretStore;
  /** Ends the wait for the first contact, which an installation that holds nothing usable makes; the handle comes all the
   * same, and the contact goes on. */
  readonly signal?: AbortSignal;
  /** Replaces clock, randomness, network or machine. For tests alone. */
  readonly testing?: Testing;
}

/** Options that were read. */
export interface Settings extends Omit<LicenseOptions, 'roots' | 'activation'> {
  readonly roots: readonly Root[];
  /** As typed: a typing error is a problem in `status()`, not of the program. */
  readonly activationKey?: string;
  /** Where it stands, if it was not typed; see activation-key.ts. */
  readonly activationFile?: string;
}

const MEMBERS = new Set([
  'product',
  'version',
  'roots',
  'authority',
  'stateDir',
  'activation',
  'firstRunDays',
  'label',
  'instanceId',
  'declaredHostId',
  'server',
  'extensionNotes',
  'ca',
  'secrets',
  'signal',
  'testing',
]);

/** Reads and checks what the vendor gave. Throws OPTIONS_INVALID with the path that is wrong. */
export function readOptions(given: LicenseOptions): Settings {
  const options = membersOf(given, MEMBERS) as unknown as LicenseOptions;
  requireText(options.product, 'product');
  requireText(options.version, 'version');
  requireText(options.stateDir, 'stateDir', 4096);
  if (!isAbsolute(options.stateDir)) throw wrong('stateDir', 'Give an absolute path: services start in odd folders.');
  checkOptional(options);
  const { roots: _roots, activation, authority, server, ...plain } = options;
  return {
    ...plain,
    // A link before `..` leads the system elsewhere than the names of our files.
    stateDir: resolve(options.stateDir),
    ...(server === undefined ? {} : { server: asked(server) }),
    roots: readRoots(options.roots),
    ...(authority === undefined ? {} : { authority: readAddress(authority, 'authority') }),
    ...(activation === undefined ? {} : readActivation(activation)),
  };
}

/** The members that were given, be they inherited or computed: each is asked once. Throws OPTIONS_INVALID for others. */
export function membersOf(given: unknown, members: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null) throw wrong('options', 'Give an object of options.');
  const odd = Object.keys(given).find((name) => !members.has(name));
  if (odd !== undefined) throw wrong(odd, `There is no option "${odd}"; there are ${[...members].join(', ')}.`);
  const pairs = [...members].map((name) => [name, (given as Record<string, unknown>)[name]] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

const REPLACEABLE = new Set(['clock', 'random', 'wire', 'socket', 'fingerprint']);

/** A flag would be passed over, and the test would meet the real world. */
function checkTesting(testing: unknown): void {
  if (typeof testing !== 'object' || testing === null || Array.isArray(testing))
    throw wrong('testing', 'Give an object of what it replaces, or leave it out.');
  const odd = Object.keys(testing).find((name) => !REPLACEABLE.has(name));
  if (odd !== undefined) throw wrong(`testing.${odd}`, `It can replace ${[...REPLACEABLE].join(', ')}.`);
}

/** What may be left out. */
function checkOptional(options: LicenseOptions): void {
  optionalText(options.instanceId, 'instanceId');
  optionalText(options.declaredHostId, 'declaredHostId');
  if (options.label !== null) optionalText(options.label, 'label', 200);
  optionalText(options.ca, 'ca', 1_000_000);
  if (options.ca?.includes('-----BEGIN CERTIFICATE-----') === false)
    throw wrong('ca', 'Give the certificates themselves as PEM text, not the name of their file.');
  if (options.secrets !== undefined) checkSecrets(options.secrets);
  if (options.firstRunDays !== undefined) checkDays(options.firstRunDays);
  if (options.testing !== undefined) checkTesting(options.testing);
  if (options.extensionNotes !== undefined) readAddress(options.extensionNotes, 'extensionNotes');
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    throw wrong('signal', 'Give an AbortSignal.');
  if (options.server !== undefined && typeof options.server !== 'function') throw wrong('server', 'Give a function.');
}

const STORE = ['getPassword', 'setPassword', 'deletePassword', 'findPassword', 'findCredentials'] as const;

function checkSecrets(secrets: SecretStore | null): void {
  const lacking = STORE.find((name) => typeof secrets?.[name] !== 'function');
  if (lacking !== undefined)
    throw wrong('secrets', `It has no function ${lacking}; a SecretStore has ${STORE.join(', ')}.`);
}

function checkDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > 30)
    throw wrong('firstRunDays', 'Give a whole number of days, 1 to 30.');
}

/** The vendor's own function: what it throws or forgets is a mistake of the option, not a defect of the licensing. */
function asked(server: NonNullable<LicenseOptions['server']>): NonNullable<LicenseOptions['server']> {
  return () => {
    let report: ReturnType<typeof server> | undefined;
    try {
      report = server();
    } catch (cause) {
      throw wrong('server', `It threw: ${cause instanceof Error ? cause.message : String(cause)}.`, cause);
    }
    if (typeof report?.used === 'object' && report.used !== null && Object.entries(report.used).every(isCount))
      return report;
    throw wrong('server', 'It answers {used: {KIND: COUNT}} at once, and no promise.');
  };
}

/** As an authority takes it (protocol: Cals). */
function isCount([kind, count]: readonly [string, unknown]): boolean {
  return /^[a-z0-9_]{1,32}$/.test(kind) && Number.isSafeInteger(count) && Number(count) >= 0;
}

function readRoots(roots: unknown): Root[] {
  if (!Array.isArray(roots) || roots.length === 0 || roots.length > 8) {
    throw wrong('roots', 'Give the vendor’s root public keys as a list of one to eight JWKs.');
  }
  return roots.map((root, index) => {
    try {
      const jwk = readJwk(root);
      return { ...jwk, kid: keyId(jwk) };
    } catch (cause) {
      throw wrong(`roots[${index}]`, 'Give an Ed25519 public key as JWK: {kty: "OKP", crv: "Ed25519", x}.', cause);
    }
  });
}

/** An origin, perhaps with a path in front of the routes. Plain http is for a proxy on the same machine and for tests;
 * what is signed stays safe on it, what is personal does not. */
function readAddress(address: unknown, path: string): string {
  requireText(address, path, 2000);
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw wrong(path, 'Give an address like https://licensing.example.com.', cause);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(path, 'It starts with https://.');
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw wrong(path, 'Give it without user name, question mark and hash.');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function readActivation(activation: unknown): Pick<Settings, 'activationKey' | 'activationFile'> {
  if (typeof activation !== 'object' || activation === null)
    throw wrong('activation', 'Give {key: "LH-…"}, or {file: "/…"} for a file that holds the key.');
  const { key, file, ...odd } = activation as { readonly key?: unknown; readonly file?: unknown };
  for (const name of Object.keys(odd))
    throw wrong(`activation.${name}`, 'There is no such member; there are key and file.');
  if (file === undefined) {
    if (typeof key !== 'string') throw wrong('activation.key', 'Give the license key as text.');
    return { activationKey: key };
  }
  if (key !== undefined) throw wrong('activation', 'Give either key or file.');
  requireText(file, 'activation.file', 4096);
  if (!isAbsolute(file)) throw wrong('activation.file', 'Give an absolute path: services start in odd folders.');
  return { activationFile: file };
}

function requireText(value: unknown, path: string, maxLength = 128): asserts value is string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > maxLength) {
    throw wrong(path, `Give a text of 1 to ${maxLength} characters.`);
  }
}

function optionalText(value: unknown, path: string, maxLength = 128): void {
  if (value !== undefined) requireText(value, path, maxLength);
}

export function wrong(path: string, remedy: string, cause?: unknown): LeaseholdError {
  return new LeaseholdError('OPTIONS_INVALID', `The option ${path} is wrong. ${remedy}`, { path, remedy, cause });
}
