import { Type } from '@sinclair/typebox';
import { ClusterReports, HostReport } from './inventory.js';
import { ChangedMeanwhile } from './licenses.js';
import { Cals, Count, Day, DecisionMessage, Id, Instant, Name, Token, nullable, oneOf } from './common.js';

/** What admins ask. Every change takes `dryRun`, which answers the same decision and changes nothing. */
const DryRun = Type.Optional(Type.Boolean());

/** A license as it comes in. */
const license = {
  profile: oneOf(['aip', 'msp']),
  type: Id,
  kind: oneOf(['commercial', 'trial']),
  term: oneOf(['perpetual', 'subscription', 'trial', 'rental']),
  companyId: nullable(Id),
  seats: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  startsAt: Type.Optional(Instant),
  validUntil: nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}Z)?$' })),
  autoRenew: Type.Boolean(),
  boundTo: Type.Optional(Type.Object({ type: oneOf(['machine', 'host', 'cluster_group', 'technician']), id: Id })),
  transaction: Type.Optional(Id),
};
const PoolLicense = Type.Object({
  id: Id,
  type: oneOf(['OEM', 'Standard']),
  purchase: oneOf(['purchased', 'metered']),
  cals: Cals,
  freeUpgradeUntil: Day,
});

/** Licenses enter as a batch, all or nothing. Machine and host licenses (`profile: aip`) get a license key each. */
export const LicensesCreate = Type.Object({
  dryRun: DryRun,
  licenses: Type.Array(Type.Object({ id: Type.Optional(Id), ...license }), { minItems: 1, maxItems: 1000 }),
});
/** What a vendor's grant brings in: each license with an id of its own, so that it is the same one for both. */
export const GrantedLicenses = Type.Object({
  licenses: Type.Array(Type.Object({ id: Id, ...license }), { maxItems: 1000 }),
  poolLicenses: Type.Optional(Type.Array(PoolLicense, { maxItems: 1000 })),
});
/** What the vendor's root signed (`leasehold grant sign`). */
export const GrantImport = Type.Object({ grant: Type.String({ minLength: 1, maxLength: 1_000_000 }), dryRun: DryRun });
export const GrantImported = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  licenses: Type.Array(Type.Object({ id: Id, licenseKey: Type.String({ maxLength: 64 }) })),
});
/** The license keys are shown this once; the authority keeps only their hashes. */
export const LicensesCreated = Type.Object({
  epoch: Count,
  seq: Count,
  dryRun: Type.Boolean(),
  licenses: Type.Array(Type.Object({ id: Id, licenseKey: Type.String({ maxLength: 64 }) })),
});

export const PoolLicensesCreate = Type.Object({
  dryRun: DryRun,
  licenses: Type.Array(PoolLicense, { minItems: 1, maxItems: 1000 }),
});

/** `confirmName` must be the license's own name: the act is irreversible (LMP-3.1). */
export const PoolConvert = Type.Object({ confirmName: Type.Optional(Name), dryRun: DryRun });
/** Name and type are asked by the rules (LMP-3.3), not by the schema, so that the refusal names the rule. */
export const PoolCreate = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  type: Type.Optional(Type.String({ maxLength: 32 })),
  dryRun: DryRun,
});
export const QuotaSet = Type.Object({ quota: Cals, dryRun: DryRun });
export const PoolKeyCreate = Type.Object({
  licenseeName: Type.String({ maxLength: 128 }),
  quota: Type.Optional(nullable(Cals)),
  dryRun: DryRun,
});
export const PoolKeyCreated = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  licenseKey: Type.Optional(Type.String({ maxLength: 64 })),
});
/** False: the server's checks renew its lease no more, and it runs on to the end of that (F-12). */
export const PoolKeyRenewing = Type.Object({ renewing: Type.Boolean(), dryRun: DryRun });
export const DryRunOnly = Type.Object({ dryRun: DryRun });

export const LicenseAssign = Type.Object({ to: Id, kind: oneOf(['computer', 'domain']), dryRun: DryRun });

/** Host and guest facts, as a person or a provider reports them: these hosts whole, the others stay as they were. */
export const InventoryReport = Type.Object({
  hosts: Type.Array(HostReport, { maxItems: 5000 }),
  clusters: Type.Optional(ClusterReports),
  /** All machines with a HyperAgent, and the hosts that each can connect to; left out: nothing is said of them (F-2). */
  hyperAgents: Type.Optional(
    Type.Array(
      Type.Object({ machine: Id, hosts: Type.Array(Id, { maxItems: 1000 }), agentlessInUse: Type.Boolean() }),
      { maxItems: 1000 },
    ),
  ),
  dryRun: DryRun,
});

export const MediaStamp = Type.Object({
  media: Id,
  base: oneOf(['linux', 'winpe']),
  licensee: Name,
  technician: Type.Optional(Id),
  /** The technician’s PIN for this medium. Only a slow hash of it is kept, and stands in the passport. */
  pin: Type.Optional(Type.String({ minLength: 6, maxLength: 64 })),
  validDays: Type.Integer({ minimum: 1, maximum: 3660 }),
  dryRun: DryRun,
});
export const MediaStamped = Type.Object({ media: Id, passport: Token, epoch: Count, seq: Count });

/** With a company the token acts for that and all below it, and sees nothing else. */
export const TokenCreate = Type.Object({
  name: Name,
  companyId: Type.Optional(nullable(Id)),
  role: oneOf(['owner', 'operator', 'viewer']),
  validDays: Type.Integer({ minimum: 1, maximum: 3660 }),
});
/** What a root signed (`leasehold authority recover`). */
export const RecoverRequest = Type.Object({ request: Type.String({ minLength: 1, maxLength: 4096 }) });
/** A new token in place of the caller's own, which ends after the overlap (24 hours unless said otherwise). */
export const TokenRotate = Type.Object({ overlapHours: Type.Optional(Type.Integer({ minimum: 0, maximum: 720 })) });
/** The token is shown this once. `connection` is the string to paste into the console. */
export const TokenCreated = Type.Object({
  id: Id,
  token: Type.String({ maxLength: 200 }),
  connection: Type.String({ maxLength: 4000 }),
  expiresAt: Instant,
});
export const TokenRow = Type.Object({
  id: Id,
  name: Name,
  role: oneOf(['owner', 'operator', 'viewer']),
  companyId: Type.Optional(nullable(Id)),
  createdAt: Instant,
  expiresAt: Instant,
  lastUsedAt: nullable(Instant),
});
export const TokenList = Type.Object({ rows: Type.Array(TokenRow, { maxItems: 500 }) });

export const UsageReply = Type.Object({
  rows: Type.Array(
    Type.Object({
      instance: Id,
      machine: Id,
      month: Type.String({ pattern: '^\\d{4}-\\d{2}$' }),
      kind: Id,
      jobs: Count,
      bytes: Type.Integer({ minimum: 0 }),
    }),
    { maxItems: 5000 },
  ),
});

export const HealthReply = Type.Object({ status: oneOf(['ok', 'not_ready']), reason: nullable(Id) });

/** RFC 9457 with our members; see problems.ts. */
export const ProblemMessage = Type.Object({
  type: Type.String({ maxLength: 200 }),
  title: Type.String({ maxLength: 200 }),
  status: Count,
  code: Id,
  detail: Type.String({ maxLength: 2000 }),
  path: Type.Optional(Type.String({ maxLength: 300 })),
  remedy: Type.Optional(Type.String({ maxLength: 2000 })),
  rule: Type.Optional(Id),
  reason: Type.Optional(Id),
  retryAfterSeconds: Type.Optional(Count),
  decision: Type.Optional(Type.Unknown()),
  changes: Type.Optional(Type.Array(ChangedMeanwhile, { maxItems: 20 })),
  errors: Type.Optional(
    Type.Array(Type.Object({ path: Type.String({ maxLength: 300 }), detail: Type.String({ maxLength: 2000 }) }), {
      maxItems: 100,
    }),
  ),
});
