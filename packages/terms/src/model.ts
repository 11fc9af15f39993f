/** The nouns of backup licensing, as plain values. Shapes follow the data model of the rules: every fact is known,
 * declared (a person said so) or absent, and absent is neither "no" nor "licensed" (F-1 to F-3). */

/** An instant, RFC 3339 in UTC: `2026-06-15T10:00:00Z`. */
export type Iso = string;
/** A calendar day, inclusive to its last moment: `2026-06-15`. */
export type Day = string;

export type Profile = 'aip' | 'msp' | 'lmp' | 'generic';
export type OsClass = 'windows_server' | 'windows_client' | 'linux' | 'macos' | 'unknown';
export type MachineKind = 'physical' | 'guest' | 'cloud';
export type Term = 'perpetual' | 'subscription' | 'trial' | 'rental';
export type BindType =
  | 'machine'
  | 'host'
  | 'cluster_group'
  | 'technician'
  | 'instance'
  | 'domain'
  | 'company'
  | 'server';

export interface Binding {
  readonly type: BindType;
  readonly id: string;
}

export interface Machine {
  readonly id: string;
  readonly kind: MachineKind;
  readonly os: OsClass;
  readonly hostId?: string;
  readonly declaredHostId?: string;
  readonly clusterGroupId?: string;
  readonly poweredOn?: boolean;
  readonly duplicateOf?: string;
  readonly redundantOf?: string;
  readonly declared?: 'disposed';
  readonly supersededBy?: string;
  /** When the license moved on; starts `parallelDays`, where a policy gives some. */
  readonly supersededAt?: Iso;
  readonly shortSince?: Iso;
  readonly firstBackupAt?: Iso;
  readonly standby?: boolean;
  readonly hyperAgent?: { readonly connectableHosts: readonly string[] };
}

export interface Host {
  readonly id: string;
  readonly kind: 'bare_metal' | 'hosted';
  readonly hypervisor: string;
  readonly hciId?: string;
  readonly onMachine?: string;
  readonly guestCount?: number;
  readonly inventoryAsOf?: Iso;
}

export interface Hci {
  readonly id: string;
  readonly hostIds: readonly string[];
}

export interface ClusterGroup {
  readonly id: string;
  readonly nodeIds: readonly string[];
}

/** A license that is bound to a machine, host, cluster group or technician. */
export interface License {
  readonly id: string;
  readonly edition: string;
  readonly term: Term;
  readonly startsAt?: Iso;
  /** An instant, or a day that counts to its last moment; null where a perpetual license never ends. */
  readonly validUntil: Iso | null;
  readonly boundTo: Binding | null;
  readonly state?: 'active' | 'revoked';
  readonly capacity?: { readonly guests?: number };
}

export interface Company {
  readonly id: string;
  readonly name: string;
}

export interface Instance {
  readonly id: string;
  readonly companyId: string;
  readonly os: OsClass;
  readonly wantsType?: string;
  readonly domain?: string;
  /** Since when it lacks the cover that it had, by what something else changed: it was copied (F-4). */
  readonly shortSince?: Iso;
}

/** A per-instance license: assigned to one computer or domain, owned by a company or by the global pool (null). */
export interface MspLicense {
  readonly id: string;
  readonly type: string;
  readonly kind: 'commercial' | 'trial';
  readonly companyId: string | null;
  readonly assignedTo: string | null;
  readonly assignedKind?: 'computer' | 'domain';
  readonly computerName?: string | null;
  readonly user?: string | null;
  readonly validUntil: Day;
  readonly autoRenew: boolean;
  readonly lastReleasedFrom?: string;
}

export interface Account {
  readonly paymentMode?: 'monthly' | 'annual' | null;
  readonly purchases?: number;
  readonly prefix?: string;
  /** IANA zone in which the account's days end; UTC where absent. */
  readonly timeZone?: string;
}

/** Client access licenses by kind: `{ obm: 100, acb: 100 }`. */
export type Cals = Readonly<Record<string, number>>;
export type PoolType = 'OEM' | 'Standard';

export interface PoolLicense {
  readonly id: string;
  readonly type: PoolType;
  readonly purchase: 'purchased' | 'metered';
  readonly state: 'poolable' | 'pooled';
  readonly cals: Cals;
  readonly freeUpgradeUntil: Day;
  readonly appliedTo: string | null;
  readonly pooledAt: Iso | null;
}

export interface LicensePool {
  readonly id: string;
  readonly name: string;
  readonly type: PoolType;
  readonly quota: Cals;
}

export interface PoolKey {
  readonly id: string;
  readonly poolId: string;
  readonly licenseeName: string;
  readonly quota: Cals;
  readonly quotaHistory?: readonly { readonly at: Iso; readonly quota: Cals }[];
  readonly createdAt: Iso;
  readonly status: 'not_in_use' | 'in_use';
  readonly serverId: string | null;
  readonly lastCheckAt: Iso | null;
  readonly used?: Cals;
}

export interface BackupServer {
  readonly id: string;
  readonly version: string;
  readonly online?: boolean;
  readonly freshInstall?: boolean;
  readonly utcOffsetMinutes?: number;
  readonly lastUpdateAt?: Iso | null;
  /** Since when it lacks the key or license that it had, by what something else changed: it was copied (F-4). */
  readonly shortSince?: Iso;
  readonly applied?: {
    readonly kind: 'poolable' | 'pooled' | 'pool_key';
    readonly id: string;
    readonly at?: Iso;
  } | null;
}

/** What a decision may know of the signed lease: its span, and whether its seal held. Units: instants. */
export interface LeaseFacts {
  readonly issuedAt: Iso;
  readonly expiresAt: Iso;
  readonly signature: 'valid' | 'invalid';
}

export interface BootMedium {
  readonly id: string;
  readonly base: 'linux' | 'winpe';
  readonly stamp: 'valid' | 'invalid' | 'missing' | 'expired';
}

export interface ItProSession {
  readonly id: string;
  readonly license: string;
  readonly technician?: string;
  readonly media: string;
  readonly machine: string;
  readonly startedAt: Iso;
  readonly endedAt?: Iso | null;
  readonly leaseExpiresAt: Iso;
}

/** The switches of the picks (rules 1.6). Every field is optional; the catalog holds the defaults. */
export interface Policy {
  readonly graceDays?: Readonly<Partial<Record<Term | 'pooled', number>>>;
  readonly overuse?: { readonly percent: number; readonly count: number } | null;
  readonly subscriptionTargetHost?: 'as_6_1' | 'strict';
  readonly allowGlobalFallback?: boolean;
  readonly lmpLockout?: 'read_only' | 'literal';
  readonly fingerprintThreshold?: number;
  readonly staleDays?: number;
  readonly warnDays?: readonly number[];
  readonly shortageGraceDays?: number;
  readonly parallelDays?: number;
  readonly releaseReuse?: 'after_lease' | 'at_once';
}

/** What is known, at whatever time. */
export interface Known {
  readonly profile: Profile;
  readonly machines?: readonly Machine[];
  readonly hosts?: readonly Host[];
  readonly hcis?: readonly Hci[];
  readonly clusters?: readonly ClusterGroup[];
  readonly licenses?: readonly (License | MspLicense | PoolLicense)[];
  readonly media?: readonly BootMedium[];
  readonly sessions?: readonly ItProSession[];
  readonly usage?: {
    readonly agentlessInUse?: boolean;
    readonly hyperAgentAllowanceUsedBy?: readonly string[];
  };
  readonly unknown?: readonly string[];
  readonly companies?: readonly Company[];
  readonly instances?: readonly Instance[];
  readonly account?: Account;
  readonly history?: readonly { readonly kind: string }[];
  readonly pools?: readonly LicensePool[];
  readonly keys?: readonly PoolKey[];
  readonly servers?: readonly BackupServer[];
  readonly lease?: LeaseFacts;
  readonly lastTrustedTime?: Iso;
  readonly authority?: { readonly reachable: boolean };
  readonly entitlement?: { readonly term: Term; readonly licensed: number };
  readonly policy?: Policy;
}

/** Everything a judgement may look at, `now` included: no clock, no I/O (rules, design remark 4). */
export interface Facts extends Known {
  readonly now: Iso;
}

/** What is asked: an action and its own fields; `decide` checks the shape and answers a typed error. */
export interface Request {
  readonly action: string;
  readonly [field: string]: unknown;
}
