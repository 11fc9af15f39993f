import {
  anyText,
  count,
  day,
  entries,
  finite,
  flag,
  idOf,
  iso,
  listOf,
  mapOf,
  nullable,
  object,
  oneOf,
  optional,
  text,
  timeZone,
  wrong,
  type Check,
} from '../reading.js';

const cals = mapOf(count);
const type = oneOf('OEM', 'Standard');

const licenseFields = object({
  id: text,
  type,
  purchase: oneOf('purchased', 'metered'),
  state: oneOf('poolable', 'pooled'),
  cals,
  freeUpgradeUntil: day,
  appliedTo: optional(nullable(text)),
  pooledAt: optional(nullable(iso)),
});

/** A server goes on for a while after the conversion of its license: when that was must be known (LMP-4.5). */
function license(value: unknown, place: Parameters<Check>[1]): void {
  licenseFields(value, place);
  const { state, appliedTo, pooledAt } = value as Readonly<Record<string, unknown>>;
  if (state === 'pooled' && typeof appliedTo === 'string' && typeof pooledAt !== 'string') {
    wrong({ path: `${place.path}.pooledAt` }, 'must be the instant at which the license was pooled');
  }
}

/** Facts of the pool profile. */
export const poolFacts: Readonly<Record<string, Check>> = {
  account: optional(object({ prefix: optional(anyText), timeZone: optional(timeZone) })),
  licenses: optional(entries(license)),
  pools: optional(entries(object({ id: text, name: anyText, type, quota: cals }))),
  keys: optional(
    entries(
      object({
        id: text,
        poolId: text,
        licenseeName: anyText,
        quota: cals,
        quotaHistory: optional(listOf(object({ at: iso, quota: cals }))),
        createdAt: iso,
        status: oneOf('not_in_use', 'in_use'),
        serverId: optional(nullable(text)),
        lastCheckAt: optional(nullable(iso)),
        used: optional(cals),
      }),
    ),
  ),
  servers: optional(
    entries(
      object({
        id: text,
        version: text,
        online: optional(flag),
        freshInstall: optional(flag),
        utcOffsetMinutes: optional(finite),
        lastUpdateAt: optional(nullable(iso)),
        shortSince: optional(iso),
        applied: optional(
          nullable(object({ kind: oneOf('poolable', 'pooled', 'pool_key'), id: text, at: optional(iso) })),
        ),
      }),
    ),
  ),
};

const licenseId = idOf('licenses');
const keyId = idOf('keys');
const poolId = idOf('pools');
const serverId = idOf('servers');
/** A form field that may be left empty: the rule that misses it says so. */
const field = (check: Check): Check => optional(nullable(check));

/** Action → shape of its request. */
export const poolRequests: Readonly<Record<string, Check>> = {
  'pool.convert': object({ license: licenseId, confirm: optional(flag) }),
  'pool.unconvert': object({ license: licenseId }),
  'pool.totals': object({ type }),
  'pool.create': object({ name: field(anyText), type: field(oneOf('OEM', 'Standard', '')), quota: field(cals) }),
  'pool.set_quota': object({ pool: poolId, quota: cals }),
  'pool.allocate': object({ fromLicense: licenseId, pool: poolId }),
  // Any pool: that there is none is an answer (LMP-1.4).
  'key.create': object({ pool: field(anyText), licenseeName: field(anyText), quota: field(cals) }),
  'key.set_quota': object({ key: keyId, quota: cals }),
  'key.view': object({ key: keyId }),
  'key.apply': object({ key: keyId, server: serverId }),
  'key.deactivate': object({ key: keyId, by: optional(text) }),
  'key.delete': object({ key: keyId }),
  'key.stop_renewing': object({ key: keyId }),
  'license.apply': object({ license: licenseId, server: serverId }),
  'maintenance.renew': object({ license: licenseId, until: day }),
  'server.status': object({ server: serverId }),
  'server.effective_quota': object({ server: serverId }),
  'portal.login': object({}),
  // A job asks what the console shows: may this server run?
  backup: object({ server: serverId }),
  // A restore may be asked for a server that nothing is known of: that never holds it up (D-1).
  restore: object({ server: optional(text) }),
};
