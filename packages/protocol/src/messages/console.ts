import { Type, type TSchema } from '@sinclair/typebox';
import { CompanyRow } from './companies.js';
import { Cals, Count, Day, DecisionMessage, Digest, Id, Instant, Name, Token, nullable, oneOf } from './common.js';
import { Todo } from './todo.js';

/** Rows of the console: the same shape in a list, in a reply and in the feed, so that every open page upserts them. */

export const MeReply = Type.Object({
  account: Id,
  name: Name,
  role: oneOf(['owner', 'operator', 'viewer']),
  tokenName: Name,
  /** The company that the token acts for, with all below it; null: the whole account. */
  companyId: Type.Optional(nullable(Id)),
  prefix: nullable(Id),
  timeZone: Id,
  epoch: Count,
  seq: Count,
  serverTime: Instant,
  version: Id,
});

/** One license of any kind. `status` is what the row says first; `used` and `quota` count seats. */
export const LicenseRow = Type.Object({
  id: Id,
  profile: oneOf(['aip', 'msp']),
  type: Id,
  kind: oneOf(['commercial', 'trial']),
  term: oneOf(['perpetual', 'subscription', 'trial', 'rental']),
  companyId: nullable(Id),
  companyName: nullable(Name),
  assignedTo: nullable(Id),
  assignedKind: nullable(oneOf(['computer', 'domain', 'machine', 'host', 'cluster_group', 'technician'])),
  computerName: nullable(Name),
  os: nullable(Id),
  user: nullable(Name),
  status: oneOf(['valid', 'expires_soon', 'grace', 'expired', 'revoked']),
  validUntil: nullable(Type.String({ maxLength: 32 })),
  /** When what it covers stops (D-3), as the account's policy says; absent where it is not in grace. */
  graceUntil: Type.Optional(Instant),
  autoRenew: Type.Boolean(),
  transaction: nullable(Id),
  used: Count,
  quota: Count,
  /** The first instant at which a released seat can be taken again; absent where none waits. */
  reusableFrom: Type.Optional(Instant),
});

export const PoolLicenseRow = Type.Object({
  id: Id,
  type: oneOf(['OEM', 'Standard']),
  purchase: oneOf(['purchased', 'metered']),
  state: oneOf(['poolable', 'pooled']),
  cals: Cals,
  freeUpgradeUntil: Day,
  appliedTo: nullable(Id),
  pooledAt: nullable(Instant),
});
export const PoolRow = Type.Object({
  id: Id,
  name: Name,
  type: oneOf(['OEM', 'Standard']),
  quota: Cals,
  keyQuota: Cals,
  keys: Count,
});
export const PoolKeyRow = Type.Object({
  id: Id,
  poolId: Id,
  /** Prefix and licensee name, as shown (LMP-3.5). */
  fullName: Name,
  quota: Cals,
  used: Cals,
  status: oneOf(['not_in_use', 'in_use']),
  serverId: nullable(Id),
  serverName: nullable(Name),
  createdAt: Instant,
  lastCheckAt: nullable(Instant),
  /** Always today + 14 days (LMP-4.16). */
  expiryDate: Day,
  freeUpgradeUntil: nullable(Day),
  /** The pooled license the date is inherited from (LMP-4.17). */
  freeUpgradeFrom: nullable(Id),
  /** The earliest instant at which the key may be deleted; null: now (LMP-4.13). */
  deletableFrom: nullable(Instant),
  fetchedQuota: nullable(Cals),
  /** The end of the lease of the server that it runs on; null: not in use. */
  leaseUntil: nullable(Instant),
  /** False: the server's checks renew its lease no more (F-12). */
  renewing: Type.Boolean(),
});
export const PoolTotal = Type.Object({
  type: oneOf(['OEM', 'Standard']),
  cals: Cals,
  inPools: Cals,
  freeUpgradeUntil: nullable(Day),
  freeUpgradeFrom: nullable(Id),
});
export const PoolsReply = Type.Object({
  licenses: Type.Array(PoolLicenseRow),
  totals: Type.Array(PoolTotal),
  pools: Type.Array(PoolRow),
  keys: Type.Array(PoolKeyRow),
  /** The license whose end made the console read-only, or null (LMP-1.7). */
  lockedBy: nullable(Id),
  /** What the rules say of looking at this page: a warning while it is read-only or soon will be (LMP-1.7, D-2). */
  signIn: DecisionMessage,
});

/** A machine with an agent. `coveredBy` names the license or host that carries it, never only yes or no. */
export const MachineRow = Type.Object({
  id: Id,
  name: nullable(Name),
  kind: oneOf(['physical', 'guest', 'cloud', 'container', 'unknown']),
  os: Id,
  hostId: nullable(Id),
  hypervisor: nullable(Id),
  companyId: nullable(Id),
  product: Id,
  version: Id,
  status: oneOf(['valid', 'expires_soon', 'grace', 'stopped', 'offline', 'released']),
  coveredBy: nullable(Id),
  rule: nullable(Id),
  verdict: oneOf(['same', 'drift', 'restored', 'moved', 'cloned', 'unknown']),
  lastSeenAt: Instant,
  leaseUntil: Instant,
  bytes: Type.Integer({ minimum: 0 }),
  jobs: Count,
  /** What an admin should know of it beside its status. */
  marks: Type.Optional(
    Type.Array(oneOf(['fork', 'stale', 'standby', 'disposed', 'contradicted', 'disputed']), { maxItems: 8 }),
  ),
  /** The machine that it was copied from, or stands by for. */
  forkedFrom: Type.Optional(nullable(Id)),
  standbyOf: Type.Optional(nullable(Id)),
});
export const HostRow = Type.Object({
  id: Id,
  name: nullable(Name),
  kind: oneOf(['bare_metal', 'hosted']),
  hypervisor: Id,
  hciId: nullable(Id),
  coveredBy: nullable(Id),
  reportedAt: nullable(Instant),
  /** Who told of it last: `admin:<id>`, `instance:<id>`. */
  reportedBy: Type.Optional(nullable(Id)),
  guests: Type.Optional(nullable(Count)),
  /** How many of its guests another host claims as well. */
  disputed: Type.Optional(Count),
  /** Of whoever told of it first; null: the provider's. */
  companyId: Type.Optional(nullable(Id)),
  /** Who of another company told of it since, last: nothing of that was taken over. */
  contested: Type.Optional(nullable(Type.Object({ by: Id, at: Instant }))),
});
export const SessionRow = Type.Object({
  id: Id,
  license: Id,
  technician: Id,
  technicianName: nullable(Name),
  media: Id,
  machine: Id,
  startedAt: Instant,
  until: Instant,
  endedAt: nullable(Instant),
  status: oneOf(['live', 'finishing', 'ended', 'lapsed']),
  /** Checked out for work without a network; null: online. `fetched`: it is on a medium, and busy until its end. */
  voucher: Type.Optional(nullable(oneOf(['waiting', 'fetched']))),
  /** Who took it over. */
  takenBy: Type.Optional(nullable(Name)),
});
export const MediaRow = Type.Object({
  id: Id,
  base: oneOf(['linux', 'winpe']),
  licensee: Name,
  technician: nullable(Id),
  stampedAt: Instant,
  validUntil: Instant,
  machines: Count,
});
export const RefusalRow = Type.Object({
  id: Id,
  at: Instant,
  machine: nullable(Id),
  action: Id,
  decision: DecisionMessage,
});

/** One row of the journal. `payload` is the exact text whose hash is chained; null once it was erased. */
export const JournalRow = Type.Object({
  epoch: Count,
  seq: Count,
  at: Type.Integer({ minimum: 0 }),
  type: Id,
  actor: Id,
  payload: nullable(Type.String({ maxLength: 2_000_000 })),
  payloadHash: Digest,
  prev: Type.String({ maxLength: 88 }),
  hash: Digest,
});

/** The payload of a journal row: the sentence's parameters and the rows that changed, as every page shows them. */
export const JournalPayload = Type.Object({
  subject: Type.Object({ type: Id, id: Id }),
  details: Type.Record(Type.String(), Type.Unknown()),
  rows: Type.Array(
    Type.Object({
      table: oneOf([
        'company',
        'grant',
        'license',
        'pool_license',
        'pool',
        'pool_key',
        'machine',
        'host',
        'session',
        'media',
        'refusal',
        'order',
      ]),
      id: Id,
      row: nullable(Type.Record(Type.String(), Type.Unknown())),
    }),
    { maxItems: 2000 },
  ),
});

const page = <T extends TSchema>(row: T) =>
  Type.Object({
    rows: Type.Array(row, { maxItems: 500 }),
    next: nullable(Type.String({ maxLength: 500 })),
    total: Count,
  });
export const LicensePage = Type.Object({
  rows: Type.Array(LicenseRow, { maxItems: 500 }),
  next: nullable(Type.String({ maxLength: 300 })),
  total: Count,
  /** Counts by type under the same filters, for the group rows (MSP-8). */
  groups: Type.Array(Type.Object({ type: Id, count: Count, used: Count })),
  /** Types ever requested of this kind, for the exact empty text (MSP-10). */
  requested: Type.Array(Id),
  /** For each filter, the count each option would give with all other filters kept. */
  counts: Type.Record(Type.String(), Type.Record(Type.String(), Count)),
});
export const MachinePage = Type.Object({
  rows: Type.Array(MachineRow, { maxItems: 500 }),
  next: nullable(Type.String({ maxLength: 300 })),
  total: Count,
  /** What waits for a person about these machines. */
  todos: Type.Optional(Type.Array(Todo, { maxItems: 500 })),
  hosts: Type.Array(HostRow, { maxItems: 5000 }),
  /** Machines whose HyperAgent is in use, of how many the Virtual licenses cover; null: none was reported yet. */
  hyperAgents: Type.Optional(nullable(Type.Object({ inUse: Count, covered: Count }))),
  /** For each filter, the count each option would give with all other filters kept; where it was asked for. */
  counts: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Count))),
});
export const SessionPage = page(SessionRow);
export const MediaPage = page(MediaRow);
export const RefusalPage = page(RefusalRow);
export const CompanyPage = Type.Object({
  rows: Type.Array(CompanyRow, { maxItems: 500 }),
  next: nullable(Type.String({ maxLength: 500 })),
  total: Count,
});
export const JournalPage = Type.Object({
  rows: Type.Array(JournalRow, { maxItems: 500 }),
  next: nullable(Type.String({ maxLength: 64 })),
  head: Token,
});

/** What changed: the journal position to wait for in the feed. `decision` carries warnings and obligations. */
export const ChangeReply = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
});
