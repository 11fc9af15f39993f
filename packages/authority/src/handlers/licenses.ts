import { formatLicenseKey, LeaseholdError, type ReplyOf, type RequestOf, type RouteName } from '@leasehold/protocol';
import { isDay } from '@leasehold/terms';
import { drawSecret, freshId, pageOf, type Call, type StreamHandler, type Handler } from '../serving/call.js';
import { assertWord } from '../serving/choices.js';
import { digestOf } from '../keys/ed25519.js';
import type { NewLicense } from '../licenses/create.js';
import { exportCsv, SLICE } from '../licenses/csv-export.js';
import { readLicenses, type CsvFault } from '../licenses/csv-import.js';
import type { LicenseAsk } from '../licenses/list.js';
import { readGrant } from '../vendor-grants/read.js';
import type { Undo } from '../licenses/bulk.js';
import { changed, make, param, plain } from './change.js';

type LicenseRoute =
  | 'licenses'
  | 'licensesCreate'
  | 'licenseAssign'
  | 'licenseRelease'
  | 'licenseGrant'
  | 'licenseChangeType'
  | 'licenseAutoRenew'
  | 'licenseMove'
  | 'licenseMoveBack'
  | 'licenseRevoke'
  | 'licenseReinstate'
  | 'licensesBulk'
  | 'licensesImport'
  | 'grantImport'
  | 'licensesRequired';

/** Licenses of machines, hosts and instances: what is asked and what is changed. */
export const licenseHandlers: { readonly [R in LicenseRoute]: Handler<R> } = {
  licenses: (call) => call.services.store.read('licenses', askOf(call)),
  licensesCreate: async (call) => {
    const made = withKeys(call, call.body.licenses);
    const { at, outcome } = await make(call, 'licensesCreate', { licenses: made.map(({ row }) => row) });
    const dryRun = outcome.result === null;
    return { ...at, dryRun, licenses: dryRun ? [] : made.map(({ row, licenseKey }) => ({ id: row.id, licenseKey })) };
  },
  licenseAssign: (call) => {
    const { to, kind } = call.body;
    return changed(call, 'licenseAssign', { license: param(call, 'license'), to, kind });
  },
  licenseRelease: (call) => changed(call, 'licenseRelease', { license: param(call, 'license') }),
  licenseGrant: (call) => {
    const { company, user } = call.body;
    return changed(call, 'licenseGrant', { license: param(call, 'license'), company, user });
  },
  licenseChangeType: (call) => {
    return changed(call, 'licenseChangeType', { license: param(call, 'license'), type: call.body.type });
  },
  licenseAutoRenew: (call) => {
    const { autoRenew } = call.body;
    return changed(call, 'licenseAutoRenew', { license: param(call, 'license'), autoRenew });
  },
  licenseMove: (call) => {
    const { from, to, sourceDisposition } = call.body;
    return changed(call, 'licenseMove', { license: param(call, 'license'), from, to, sourceDisposition });
  },
  licenseMoveBack: (call) => {
    return changed(call, 'licenseMoveBack', { license: param(call, 'license'), machine: call.body.machine });
  },
  licenseRevoke: (call) => changed(call, 'licenseRevoke', { license: param(call, 'license') }),
  licenseReinstate: (call) => changed(call, 'licenseReinstate', { license: param(call, 'license') }),
  licensesBulk: async (call) => {
    const { action, items } = call.body;
    const { at, outcome } = await make(call, 'licensesBulk', { action, items });
    const { decisions } = plain(outcome.decision).value as { decisions: ReplyOf<'licenseAssign'>['decision'][] };
    const undo: Undo = outcome.result?.undo ?? null;
    const told = items.map(({ license }, index) => ({ license, decision: decisions[index]! }));
    return { ...at, dryRun: outcome.result === null, items: told, undo };
  },
  licensesImport: async (call) => {
    const { licenses, lines, faults, ignored } = readLicenses(call.body.csv);
    const made = withKeys(call, licenses);
    const input = { licenses: made.map(({ row }) => row), lines, faults };
    const { at, outcome } = await make(call, 'licensesImport', input);
    const dryRun = outcome.result === null;
    const { errors = [] } = (outcome.decision.value ?? {}) as { readonly errors?: CsvFault[] };
    const keys = dryRun ? [] : made.map(({ row, licenseKey }) => ({ id: row.id, licenseKey }));
    return { ...at, dryRun, rows: licenses.length, ignored: [...ignored], errors, licenses: keys };
  },
  grantImport: async (call) => {
    const { store, account, keyring } = call.services;
    const { product } = await store.read('account', { account });
    const claims = await readGrant(call.body.grant, keyring.roots, { account, product }, call.now);
    const made = withKeys(call, claims.licenses);
    const { poolLicenses = [] } = claims;
    const granted = { licenses: made.map(({ row }) => row), poolLicenses };
    const { at, outcome } = await make(call, 'grantImport', { id: claims.jti, token: call.body.grant, ...granted });
    const { decision, result } = outcome;
    const keys = result === null ? [] : made.map(({ row, licenseKey }) => ({ id: row.id, licenseKey }));
    const id = result === null ? {} : { id: result.id };
    return { ...at, decision: plain(decision), dryRun: result === null, ...id, licenses: keys };
  },
  licensesRequired: ({ services: { store, account }, query, now }) => {
    const { type, until = new Date(now).toISOString().slice(0, 10), company = null } = query;
    if (type === undefined || type === '' || type.length > 128) throw missing('type', 'Name the type of license.');
    if (!isDay(until)) throw missing('until', 'Give a day like 2027-01-31.');
    return store.read('licensesRequired', { account, type, until, company, now });
  },
};

export const licensesExport: StreamHandler<'licensesExport'> = (call) => {
  const ask = { ...askOf(call), limit: SLICE };
  return exportCsv((after) => call.services.store.read('licenses', { ...ask, after }));
};

/** What the filters with a fixed choice take. */
const CHOICES = {
  kind: ['commercial', 'trial', 'all'],
  validity: ['all', 'valid', 'expired'],
  usage: ['all', 'used', 'unused'],
  autoRenew: ['all', 'only', 'other', 'true', 'false', '1', '0'],
} as const;

function assertChosen(query: Call<RouteName>['query']): void {
  for (const [name, words] of Object.entries(CHOICES)) {
    const asked = query[name] ?? '';
    if (asked !== '' && asked !== 'All') assertWord(name, asked, words);
  }
}

function askOf<R extends RouteName>(call: Call<R>): LicenseAsk {
  assertChosen(call.query);
  const { search, company, kind, validity, usage, autoRenew, type } = call.query;
  const filters = { search, company, kind, validity, usage, autoRenew, type };
  const asked = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, value ?? null]));
  return { ...pageOf(call), ...asked } as LicenseAsk;
}

/** Licenses with an id and a license key each, which is shown once. */
function withKeys<R extends RouteName>(
  call: Call<R>,
  licenses: readonly RequestOf<'licensesCreate'>['licenses'][number][],
): { readonly row: NewLicense; readonly licenseKey: string }[] {
  return licenses.map((license, index) => {
    const licenseKey = formatLicenseKey('license', drawSecret(call, 16, `license key ${index}`));
    const id = license.id ?? freshId(call, 'lic', `license ${index}`);
    return { licenseKey, row: { ...license, id, keyHash: digestOf(licenseKey) } };
  });
}

function missing(name: string, remedy: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `The parameter ${name} is missing or wrong.`, {
    path: `query.${name}`,
    remedy,
  });
}
