import { addDays, instant } from '../dates.js';
import type { Need } from '../decision.js';
import type { Binding, License, PoolType } from '../model.js';
import { nowOf, yearAhead } from './carry-out.js';
import { freshIds, isOpen, purchases, rowsOfKind, type Context, type Cure } from './context.js';
import { hyperAgentCures } from './coverage.js';
import { orderCures, otherLicenseCures } from './instances.js';
import { licensesOf, moreOfType, newPoolCures, poolCures, renewals, serverCures, totalCures } from './pools.js';
import type { Deed, Step } from './steps.js';

type Finder = (context: Context) => readonly Cure[];

/** One step, by the rule that refused. */
function by({ decision }: Context, deed: Deed): Step {
  return { ...deed, rule: decision.reason_rule };
}

const choose =
  (field: string, value: unknown): Finder =>
  (context) => [[by(context, { do: 'choose', field, value })]];

const declare =
  (field: string, value: unknown): Finder =>
  (context) => [[by(context, { do: 'declare', field, value })]];

/** Time alone cures it, at the moment that the decision names. */
const wait: Finder = (context) => {
  const { until } = context.decision;
  return until === undefined ? [] : [[by(context, { do: 'wait', until })]];
};

const both =
  (...finders: readonly Finder[]): Finder =>
  (context) =>
    finders.flatMap((find) => find(context));

const checkIn: Finder = (context) => {
  const { server } = context.request;
  return [[by(context, { do: 'check_in', ...(typeof server === 'string' && { server }) })]];
};

const renewMaintenance: Finder = (context) => {
  const { facts, request } = context;
  if (request.action === 'pool.convert') {
    return [[by(context, { do: 'renew', license: String(request['license']), until: yearAhead(facts) })]];
  }
  return [renewals(context)].filter((cure) => cure.length > 0);
};

const deactivate: Finder = (context) => [[by(context, { do: 'deactivate_key', key: String(context.request['key']) })]];

/** Another key of the same pool with the same quota; its twin stays where it is. */
const anotherKey: Finder = (context) => {
  const { facts, request } = context;
  const twin = facts.keys?.find(({ id }) => id === request['key']);
  const [key = ''] = freshIds(facts.keys, 1);
  if (twin === undefined) return [];
  const created = context.prepare({ action: 'key.create', pool: twin.poolId, licenseeName: key, quota: twin.quota });
  if (created === undefined) return [];
  const { poolId: pool, quota } = twin;
  const make: Step = { do: 'create_key', rule: 'LMP-3.5', key, pool, licenseeName: key, quota };
  return [[...created.steps, make, by(context, { do: 'choose', field: 'key', value: key })]];
};

/** A pooled license is not applied any more: a pool key is. */
const keyInstead: Finder = (context) => {
  const { request } = context;
  const ask = by(context, { do: 'ask', request: { action: 'server.status', server: request['server'] } });
  return serverCures({ ...context, request: ask.do === 'ask' ? ask.request : request }).map((cure) => [...cure, ask]);
};

/** A license that another server runs on: a free one, a pool key, or one more of its kind. */
const otherForServer: Finder = (context) => {
  const { request } = context;
  const asked = licensesOf(context).find(({ id }) => id === request['license']);
  if (asked === undefined) return [];
  const free = licensesOf(context).filter(({ id }) => isOpen(context, { ...request, license: id }));
  const [id = ''] = freshIds(context.facts.licenses, 1);
  const { type: edition, cals } = asked;
  const buy = by(context, { do: 'buy', licenses: [id], edition, term: 'perpetual', count: 1, bindTo: 'stock', cals });
  return [
    ...free.slice(0, 1).map((one): Cure => [chosen(context, one.id)]),
    ...keyInstead(context),
    [buy, chosen(context, id)],
  ];
};

/** Nothing of this type is pooled: some is, and be it without a CAL more than is used. */
const poolSome: Finder = (context) => {
  const { facts, request } = context;
  const applied = facts.servers?.find(({ id }) => id === request['server'])?.applied?.id;
  const key = facts.keys?.find(({ id }) => id === (request['key'] ?? applied));
  const pool = facts.pools?.find(({ id }) => id === key?.poolId);
  if (key === undefined) return [];
  // A key of a pool that is gone carries nothing: the server gets another one.
  return pool === undefined ? serverCures(context) : [moreOfType(context, pool.type, key.quota)];
};

const otherPool: Finder = (context) => {
  const type = licensesOf(context).find(({ id }) => id === context.request['fromLicense'])?.type;
  const [same] = (context.facts.pools ?? []).filter((pool) => pool.type === type);
  if (same !== undefined) return choose('pool', same.id)(context);
  return type === undefined ? [] : newPoolCures(context, [type]);
};

const namedPool: Finder = (context) => {
  const { name, type } = context.request;
  const [fresh = ''] = freshIds(context.facts.pools, 1);
  const named = typeof name === 'string' && name.trim() !== '' ? name : fresh;
  const types: readonly PoolType[] = type === 'OEM' || type === 'Standard' ? [type] : ['OEM', 'Standard'];
  return types.map((one) => [
    by(context, { do: 'choose', field: 'name', value: named }),
    by(context, { do: 'choose', field: 'type', value: one }),
  ]);
};

const laterDate: Finder = (context) => {
  const license = licensesOf(context).find(({ id }) => id === context.request['license']);
  const next = license === undefined ? '' : addDays(license.freeUpgradeUntil, 1);
  const ahead = yearAhead(context.facts);
  return choose('until', next > ahead ? next : ahead)(context);
};

/** Another license for the same place, free or bought, of the edition that it takes. */
const otherLicense: Finder = (context) => {
  const { facts, request } = context;
  const licenses = (facts.licenses ?? []) as readonly License[];
  const asked = licenses.find(({ id }) => id === request['license']);
  const on = (request['on'] ?? request['to']) as Binding | undefined;
  if (asked === undefined || on === undefined) return [];
  const free = licenses.filter(
    (one) => one.boundTo === null && one.id !== asked.id && isOpen(context, { ...request, license: one.id }),
  );
  const edition = isCloud(context, on) ? (context.catalog.editions?.cloud ?? '') : asked.edition;
  return [
    ...free.slice(0, 1).map(({ id }): Cure => [chosen(context, id)]),
    ...boughtInstead(context, edition, 'stock'),
  ];
};

function isCloud({ facts }: Context, on: Binding): boolean {
  return on.type === 'machine' && facts.machines?.find(({ id }) => id === on.id)?.kind === 'cloud';
}

function chosen(context: Context, license: string): Step {
  return by(context, { do: 'choose', field: 'license', value: license });
}

/** One more license, and the request about it. */
function boughtInstead(context: Context, edition: string, bindTo: string, term: Need['term'] = 'any'): readonly Cure[] {
  const need = { edition, term, count: 1, bindTo };
  const buys = purchases(context, need, bindTo, context.decision.reason_rule);
  return buys.map((buy): Cure => [buy, chosen(context, buy.licenses[0] ?? '')]);
}

const technicianLicense: Finder = (context) => {
  const { facts, request, catalog } = context;
  const technician = String(request['technician']);
  const edition = catalog.editions?.technician ?? '';
  const own = ((facts.licenses ?? []) as readonly License[]).filter(
    ({ boundTo, edition: held }) => boundTo?.type === 'technician' && boundTo.id === technician && held === edition,
  );
  return [
    ...own.map(({ id }): Cure => [chosen(context, id)]),
    ...boughtInstead(context, edition, `technician:${technician}`, 'subscription'),
  ];
};

const notHolder: Finder = (context) => {
  if (context.request.action === 'itpro.reassign') return choose('by', 'authority')(context);
  const { request } = context;
  const to = (request['on'] ?? request['to']) as { readonly type: string; readonly id: string } | undefined;
  if (to === undefined) return technicianLicense(context);
  if (to.type !== 'technician') return [];
  // Only the authority hands it on, on record.
  const reassign = { action: 'itpro.reassign', license: request['license'], toTechnician: to.id, by: 'authority' };
  return [[by(context, { do: 'ask', request: reassign })]];
};

const endSessions: Finder = (context) => {
  const { facts, request } = context;
  const live = (facts.sessions ?? []).filter(
    ({ license, endedAt, leaseExpiresAt }) =>
      license === request['license'] &&
      (typeof endedAt !== 'string' || instant(endedAt) > nowOf(facts)) &&
      instant(leaseExpiresAt) > nowOf(facts),
  );
  return [live.map(({ id }) => by(context, { do: 'end_session', session: id }))];
};

/** A genuine medium, of the base it has or of the other. */
const medium =
  (same: boolean): Finder =>
  (context) => {
    const asked = context.facts.media?.find(({ id }) => id === context.request['media']);
    if (asked === undefined) return [];
    const others = (['linux', 'winpe'] as const).filter((base) => (base === asked.base) === same);
    return others.map((base) => [by(context, { do: 'make_medium', medium: asked.id, base })]);
  };

/** The one who was moved away from runs again: a license for it, in place of the one that stays. */
const licenseForReturn: Finder = (context) => {
  const { facts, request } = context;
  const moved = (facts.licenses ?? []).find(({ id }) => id === request['license']) as License | undefined;
  if (moved === undefined) return [];
  const on = { type: 'machine', id: String(request['to']) };
  const [id = ''] = freshIds(facts.licenses, 1);
  const need = { edition: moved.edition, term: 'any', count: 1, bindTo: 'stock' } as const;
  const ask = by(context, { do: 'ask', request: { action: 'license.activate', license: id, on } });
  return purchases(context, need, 'stock', context.decision.reason_rule).map((buy): Cure => [buy, ask]);
};

/** Code of a refusal → the ways to cure it. A code that is not here has none. */
export const refusalCures: Readonly<Record<string, Finder>> = {
  ...orderCures,
  LEASE_EXPIRED: checkIn,
  ALREADY_ASSIGNED: (context) => (context.facts.profile === 'msp' ? otherLicenseCures : otherLicense)(context),
  LICENSE_EXPIRED: (context) => (context.facts.profile === 'msp' ? otherLicenseCures : otherLicense)(context),
  LICENSE_REVOKED: otherLicense,
  LICENSE_NOT_STARTED: otherLicense,
  VIRTUAL_NOT_FOR_CLOUD: otherLicense,
  BOUND_TO_OTHER_GROUP: otherLicense,
  TYPE_NOT_FOR_OS: otherLicenseCures,
  COMPANY_MISMATCH: otherLicenseCures,
  BAD_SIGNATURE: (context) =>
    'licenseSignature' in context.request ? choose('licenseSignature', 'valid')(context) : checkIn(context),
  FILE_BACKUP_ONLY: choose('scope', 'file'),
  EDITION_EXCLUDES_SHARES: (context) =>
    (context.facts.machines ?? [])
      .filter(({ id }) => isOpen(context, { ...context.request, machine: id }))
      .slice(0, 1)
      .flatMap(({ id }) => choose('machine', id)(context)),
  DISPOSITION_UNDECLARED: declare('sourceDisposition', 'disposed'),
  HYPERAGENT_REQUIRED: hyperAgentCures,
  UNLICENSED_MEDIA: medium(true),
  MEDIA_EXPIRED: medium(true),
  MEDIA_OS: medium(false),
  CLOCK_WRONG: choose('clock', 'trusted'),
  ITPRO_CONCURRENT: both(endSessions, wait),
  ITPRO_NOT_HOLDER: notHolder,
  TARGET_IN_USE: licenseForReturn,
  PORTAL_LOCKED: (context) => [renewals(context)].filter((cure) => cure.length > 0),
  MAINTENANCE_EXPIRED: renewMaintenance,
  CONFIRM_IRREVERSIBLE: declare('confirm', true),
  POOL_NAME_AND_TYPE: namedPool,
  POOL_QUOTA_EXCEEDS_TOTAL: totalCures,
  KEY_QUOTA_EXCEEDS_POOL: poolCures,
  NO_POOL: newPoolCures,
  NO_POOLED_LICENSE: poolSome,
  TYPE_MIXED: otherPool,
  LICENSEE_NAME: (context) => {
    const { licenseeName } = context.request;
    const name = typeof licenseeName === 'string' ? licenseeName.replaceAll(/[^A-Za-z0-9_-]+/g, '-') : '';
    return choose('licenseeName', name === '' ? (freshIds(context.facts.keys, 1)[0] ?? '') : name)(context);
  },
  QUOTA_REQUIRED: (context) => {
    const kinds = rowsOfKind(context, 'pool.totals').flatMap((row) => row.kinds);
    return choose('quota', Object.fromEntries(kinds.map((kind) => [kind, 0])))(context);
  },
  ONLINE_REQUIRED: checkIn,
  SERVER_TOO_OLD: (context) => {
    const lowest = rowsOfKind(context, 'apply.old-server')[0]?.lowestVersion;
    const server = String(context.request['server']);
    return lowest === undefined ? [] : [[by(context, { do: 'update_server', server, version: `${lowest}.0` })]];
  },
  KEY_IN_USE: (context) => (context.request.action === 'license.apply' ? otherForServer : anotherKey)(context),
  KEY_IN_USE_14_DAYS: both(deactivate, wait),
  KEY_LEASE_LIVE: (context) =>
    context.request.action === 'key.deactivate'
      ? both(choose('by', 'server'), wait)(context)
      : both(deactivate, wait)(context),
  POOLED_NOT_APPLICABLE: keyInstead,
  STOPPED_POOLED: serverCures,
  DATE_NOT_LATER: laterDate,
};
