import type { AuthorityOptions, MailOptions, PaymentOptions } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { placeOf } from '../authority-place.js';
import type { Given, Option } from '../command.js';
import { nearest } from '../nearest.js';
import { readJsonFile } from '../read-file.js';

/** One setting of `leasehold serve`: the flag is `--name`, the variable LEASEHOLD_NAME, the member of the file `name`. */
interface Row {
  readonly what: string;
  /** Placeholder; a setting without one is a switch. */
  readonly value?: string;
  readonly default?: string;
  readonly is?: 'count' | 'secret';
}

/** Every setting, and nothing that is not here is one. */
export const SETTINGS: Readonly<Record<string, Row>> = {
  db: { what: 'sqlite:PATH or postgres://…', value: 'URL', is: 'secret' },
  data: { what: 'Folder of its keys (keys, beside an SQLite database)', value: 'DIR' },
  host: { what: 'Address to listen on (127.0.0.1)', value: 'ADDRESS', default: '127.0.0.1' },
  port: { what: 'Port to listen on (8410; 0: any free one)', value: 'N', is: 'count', default: '8410' },
  'public-url': { what: 'Origin under which agents reach it, behind a proxy', value: 'URL' },
  'tls-cert': { what: 'PEM file with its certificate and those that lead to the root', value: 'FILE' },
  'tls-key': { what: 'PEM file with the key of the certificate', value: 'FILE' },
  'body-limit': { what: 'Largest request body, bytes (2097152)', value: 'N', is: 'count', default: '2097152' },
  'stop-seconds': {
    what: 'Seconds in which SIGTERM ends it, whatever hangs (13)',
    value: 'N',
    is: 'count',
    default: '13',
  },
  backups: { what: 'Folder for backups of an SQLite database, verified, made while it is served', value: 'DIR' },
  'backup-hours': { what: 'Hours from one backup to the next (24)', value: 'N', is: 'count' },
  'backups-kept': { what: 'How many backups stay (7)', value: 'N', is: 'count' },
  mail: {
    what: 'JSON file {url, from}: the mail server, with its password, and the address to send from',
    value: 'FILE',
  },
  payments: { what: 'JSON file that says how orders are paid beside by invoice', value: 'FILE' },
  'webhook-private-networks': { what: 'Webhooks may lead into private networks' },
  'log-level': { what: 'Least that is logged: info, warn, error or silent (info)', value: 'LEVEL', default: 'info' },
};

/** The flags of the table, and where the file is. */
export const SETTING_OPTIONS: Readonly<Record<string, Option>> = {
  config: { what: 'JSON file with settings, or the variable LEASEHOLD_CONFIG', value: 'FILE' },
  ...Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { what, value }]) => [name, value === undefined ? { what } : { what, value }]),
  ),
};

/** What a setting is, and who said so: the flag, the variable, the file (its member), or nobody. */
export interface Effective {
  readonly value: string;
  readonly from: string;
}
export type Settings = Readonly<Record<string, Effective>>;

const PREFIX = 'LEASEHOLD_';
const variableOf = (name: string): string => `${PREFIX}${name.toUpperCase().replaceAll('-', '_')}`;

/** Every setting by one precedence: flags, then environment, then file, then defaults.
 * @throws LeaseholdError OPTIONS_INVALID with the flag, variable or member that is wrong */
export async function readSettings(given: Given, env: Readonly<Record<string, string | undefined>>): Promise<Settings> {
  const path = given.get('config') ?? (env[variableOf('config')] || undefined);
  const file = path === undefined ? {} : membersOf(path, await readJsonFile(path));
  const settings: Record<string, Effective> = {};
  for (const [name, row] of Object.entries(SETTINGS)) {
    const found = firstOf(name, given, env, file, row.default);
    if (found !== undefined) settings[name] = checked(row, found);
  }
  return settings;
}

/** What Kubernetes puts into LEASEHOLD_PORT by itself where a Service is called leasehold: nobody's setting. */
const SERVICE_LINK = /^(tcp|udp|sctp):\/\//;

/** Variables that look like settings and are none, each with what may have been meant: one that is mistyped would be missed
 * in silence. Told and not refused, because Kubernetes sets LEASEHOLD_SERVICE_HOST and others like it by itself. */
export function strayVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<'variable' | 'remedy', string>[] {
  const known = [...Object.keys(SETTINGS), 'config', 'enrollment-key'].map((name) =>
    variableOf(name).slice(PREFIX.length),
  );
  return Object.entries(env)
    .filter(([name]) => name.startsWith(PREFIX))
    .flatMap(([variable, value = '']) => {
      if (SERVICE_LINK.test(value)) return { variable, remedy: 'A Service of this name sets it: give --port instead.' };
      const name = variable.slice(PREFIX.length);
      if (known.includes(name)) return [];
      const meant = nearest(name, known);
      return {
        variable,
        remedy: meant === undefined ? 'See: leasehold serve --help' : `Did you mean ${PREFIX}${meant}?`,
      };
    });
}

function firstOf(
  name: string,
  given: Given,
  env: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, Effective>>,
  fallback: string | undefined,
): Effective | undefined {
  if (given.has(name)) return { value: given.get(name)!, from: `--${name}` };
  const variable = env[variableOf(name)] ?? '';
  if (variable !== '' && !SERVICE_LINK.test(variable)) return { value: variable, from: variableOf(name) };
  return file[name] ?? (fallback === undefined ? undefined : { value: fallback, from: 'default' });
}

function membersOf(path: string, content: unknown): Record<string, Effective> {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw wrong(path, `${path} holds no JSON object of settings.`, 'Write {"port": 8410, …} into it.');
  }
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const from = `${path}: ${name}`;
      if (!Object.hasOwn(SETTINGS, name))
        throw wrong(from, `There is no setting ${name}.`, 'See: leasehold serve --help');
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw wrong(from, `${name} is text, a number or true.`, 'Mail and payments name a file of their own.');
      return [name, { value: String(value), from }];
    }),
  );
}

function checked({ value: takes, is }: Row, { value, from }: Effective): Effective {
  if (value === '') throw wrong(from, 'This is empty.', 'Leave it out, or say what it is to be.');
  if (is === 'count' && !/^\d{1,9}$/.test(value))
    throw wrong(from, `This takes a whole number, not "${value}".`, 'Write it without signs, points and units.');
  if (takes === undefined && value !== 'true' && value !== 'false')
    throw wrong(from, `This is true or false, not "${value}".`, 'Leave it out, or write true.');
  return { value, from };
}

/** A password may hold what an address would have to spell in another way, and PostgreSQL takes it in the query too. */
const SECRETS = [/(:\/\/[^:/@\s]*:).*(?=@)/, /([?&]password=)[^&\s]*/] as const;

/** The settings as they may be shown: no password of a database. Mail and payments are files, which are not read for it. */
export function shown(settings: Settings): Record<string, Effective> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { value, from }]) => {
      return [name, { value: SETTINGS[name]?.is === 'secret' ? hidden(value) : value, from }];
    }),
  );
}

const hidden = (value: string): string => SECRETS.reduce((text, secret) => text.replace(secret, '$1***'), value);

/** The options that an authority is started with. @throws LeaseholdError OPTIONS_INVALID, and those of the files */
export async function optionsOf(settings: Settings): Promise<AuthorityOptions> {
  const get = (name: string): string | undefined => settings[name]?.value;
  const db = get('db');
  if (db === undefined) {
    throw wrong(
      'db',
      'It is not said where the database is.',
      'Give --db sqlite:PATH, LEASEHOLD_DB, or db in the file.',
    );
  }
  const [publicUrl, mail, payments] = [get('public-url'), get('mail'), get('payments')];
  return {
    ...placeOf(db, get('data')),
    port: Number(get('port')),
    host: get('host')!,
    bodyLimit: Number(get('body-limit')),
    stopSeconds: Number(get('stop-seconds')),
    webhookPrivateNetworks: get('webhook-private-networks') === 'true',
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...tlsOf(settings),
    ...backupsOf(settings),
    ...(payments === undefined ? {} : { payments: readPayments(await readJsonFile(payments)) }),
    ...(mail === undefined ? {} : { mail: readMail(await readJsonFile(mail)) }),
  };
}

function tlsOf({ 'tls-cert': cert, 'tls-key': key }: Settings): Pick<AuthorityOptions, 'tls'> {
  if (cert === undefined && key === undefined) return {};
  if (cert !== undefined && key !== undefined) return { tls: { cert: cert.value, key: key.value } };
  const [there, missing] = cert === undefined ? [key!.from, 'tls-cert'] : [cert.from, 'tls-key'];
  throw wrong(there, `A certificate and its key belong together; ${missing} is missing.`, `Name it with --${missing}.`);
}

function backupsOf(settings: Settings): Pick<AuthorityOptions, 'backups'> {
  const { backups: folder, 'backup-hours': hours, 'backups-kept': kept } = settings;
  const odd = hours ?? kept;
  if (folder === undefined && odd !== undefined)
    throw wrong(odd.from, 'Backups are made where their folder is named.', 'Name it with --backups DIR.');
  if (folder === undefined) return {};
  const more = { ...(hours && { everyHours: Number(hours.value) }), ...(kept && { keep: Number(kept.value) }) };
  return { backups: { folder: folder.value, ...more } };
}

/** A file, because the address of the server holds a password, which a process list would show. */
function readMail(value: unknown): MailOptions {
  const { url, from } = membersAmong('mail', value, ['url', 'from']);
  if (typeof url === 'string' && isMailServer(url) && typeof from === 'string' && from.includes('@'))
    return { url, from };
  throw new LeaseholdError('INPUT_INVALID', 'The mail file does not say from where and through which server to send.', {
    path: 'mail',
    remedy: 'Write {"url": "smtps://user:password@mail.example", "from": "licenses@acme.example"} into it.',
  });
}

const isMailServer = (url: string): boolean =>
  /^smtps?:\/\//.test(url) && URL.canParse(url) && new URL(url).hostname !== '';

/** The rest is looked at by the service that it names. */
function readPayments(value: unknown): PaymentOptions {
  const { stripe, link } = membersAmong('payments', value, ['stripe', 'link']) as PaymentOptions;
  if (stripe || link) return { ...(stripe && { stripe }), ...(link && { link }) };
  throw wrong(
    'payments',
    'The payments file does not say how orders are paid.',
    'Write {"link": …} or {"stripe": …} into it.',
  );
}

/** One that is mistyped would be missed only when the first order is paid, or the first mail is sent. */
function membersAmong(path: string, value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const odd = Object.keys(members).find((name) => !names.includes(name));
  if (odd === undefined) return { ...members };
  throw wrong(`${path}.${odd}`, `There is no member ${odd} in the ${path} file.`, `There are ${names.join(' and ')}.`);
}

function wrong(path: string, sentence: string, remedy: string): LeaseholdError {
  return new LeaseholdError('OPTIONS_INVALID', sentence, { path, remedy });
}
