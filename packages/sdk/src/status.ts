import type { Fingerprint } from '@leasehold/fingerprint';
import { KEYSET_WARN_DAYS } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { iso, type Moment, type Rights } from './decision/facts.js';
import type { Installation } from './machine/installation.js';
import { bridgeOver, judge } from './decision/judge.js';
import type { Role } from './state/ownership.js';
import type { StatusProblem } from './problem-log.js';
import type { ClockVerdict } from './lease/trusted-clock.js';

/** - `licensed`: a live lease, and the last contact reached the authority;
 * - `offline`: a live lease, and nobody answers: works until `offlineUntil`;
 * - `lapsed`: the lease has ended; new backups wait for a contact;
 * - `denied`: the authority said no;
 * - `not_activated`: nothing was ever taken, or all was given back;
 * - `damaged`: something was held and cannot be verified any more.
 * Restores are open in every one of them (D-1). */
export type LicenseState = 'licensed' | 'offline' | 'lapsed' | 'denied' | 'not_activated' | 'damaged';

/** What a product shows to its admin, and what other local users may read: nothing in it is secret or raw. All instants
 * are RFC 3339; null where there is none. */
export interface Status {
  readonly state: LicenseState;
  readonly product: string;
  readonly version: string;
  readonly instance: string | null;
  readonly license: string | null;
  readonly catalog: { readonly id: string; readonly version: number } | null;
  /** What a new backup of this installation would be answered now. */
  readonly backup: Decision;
  /** How long it works without any contact: the end of the lease, or of the extension note that prolongs it. */
  readonly offlineUntil: string | null;
  /** End of the grace after a subscription's end (D-3). */
  readonly renewalGraceUntil: string | null;
  /** Until when a shortage, or hardware that is not the lease's, is bridged (F-4). */
  readonly shortageGraceUntil: string | null;
  /** For a pooled license on an old server: until when its Pool Key must have come (LMP-4.5). */
  readonly replaceKeyUntil: string | null;
  readonly lastContact: string | null;
  readonly nextContact: string | null;
  /** Whole days since the last contact on which one was due; a healthy agent has none. */
  readonly missedDays: number;
  readonly machine: 'same' | 'changed';
  /** What tells this machine from others: the names of its parts, and whether each could be read. Never a value. */
  readonly identity: {
    readonly state: 'known' | 'ambiguous' | 'unknown';
    readonly parts: Readonly<Record<string, 'value' | 'absent' | 'not_permitted'>>;
  };
  readonly clock: ClockVerdict;
  readonly keyset: { readonly version: number; readonly until: string; readonly endsSoon: boolean } | null;
  /** Writes the state folder, reads what another process wrote, or neither. */
  readonly role: Role;
  readonly restores: 'open';
  readonly problems: readonly StatusProblem[];
}

const DAY = 86_400_000;
const BACKUP = { action: 'backup', machine: 'self' };

export interface StatusParts {
  readonly installation: Installation;
  readonly fingerprint: Fingerprint;
  readonly product: string;
  readonly version: string;
  readonly role: Role;
  readonly nextAt: number | null;
  readonly problems: readonly StatusProblem[];
}

/** Everything at one instant, from memory. */
export function statusOf(parts: StatusParts): Status {
  const { installation, product, version, role, nextAt, problems, fingerprint } = parts;
  const { document, standing } = installation;
  const { rights, machineChangedAt } = standing;
  const moment = installation.moment();
  const backup = judge(standing, BACKUP, moment);
  const contactAt = document.contactAt;
  return {
    state: stateOf(installation, moment, problems),
    product,
    version,
    instance: document.holding?.instance ?? null,
    license: rights?.lease.license ?? null,
    catalog: rights === undefined ? null : catalogOf(rights),
    backup,
    offlineUntil: rights === undefined ? null : iso(rights.endsAt),
    ...gracesOf(backup),
    lastContact: contactAt === null ? null : iso(contactAt),
    nextContact: nextAt === null ? null : iso(nextAt),
    missedDays: contactAt === null ? 0 : Math.max(0, Math.floor((moment.now - contactAt) / DAY) - 1),
    machine: machineChangedAt === undefined ? 'same' : 'changed',
    identity: identityOf(fingerprint),
    clock: installation.clock.read().verdict,
    keyset: keysetOf(installation, moment.now),
    role,
    restores: 'open',
    problems,
  };
}

function identityOf({ identity, components }: Fingerprint): Status['identity'] {
  const parts = Object.entries(components).map(([name, component]) => [name, component.state] as const);
  return { state: identity.state, parts: Object.fromEntries(parts) };
}

function stateOf(
  { standing, document, reachable }: Installation,
  moment: Moment,
  problems: readonly StatusProblem[],
): LicenseState {
  const { rights, denial } = standing;
  // A contact that failed since says why nothing came in its place, and not that nothing was held.
  const isDamaged = document.holding !== null || problems.some(({ code }) => code === 'STATE_DAMAGED');
  if (rights === undefined) return isDamaged ? 'damaged' : 'not_activated';
  if (denial !== undefined && bridgeOver(standing, moment) === undefined) return 'denied';
  if (moment.now >= rights.endsAt) return 'lapsed';
  return reachable ? 'licensed' : 'offline';
}

type Graces = Pick<Status, 'renewalGraceUntil' | 'shortageGraceUntil' | 'replaceKeyUntil'>;
const GRACE_OF: Readonly<Record<string, keyof Graces>> = {
  IN_GRACE: 'renewalGraceUntil',
  SHORTAGE_GRACE: 'shortageGraceUntil',
  MACHINE_CHANGED: 'shortageGraceUntil',
  POOLED_GRACE: 'replaceKeyUntil',
};

/** The grace that carries the answer now, under its own name, with the instant that the rules give it. */
function gracesOf({ warnings = [], until }: Decision): Graces {
  const graces: Graces = { renewalGraceUntil: null, shortageGraceUntil: null, replaceKeyUntil: null };
  const names = warnings.flatMap((warning) => GRACE_OF[warning] ?? []);
  return { ...graces, ...Object.fromEntries(names.map((name) => [name, until ?? null])) };
}

function keysetOf({ trust }: Installation, now: number): Status['keyset'] {
  const claims = trust.keyset?.claims;
  if (claims === undefined) return null;
  const until = claims.exp * 1000;
  return { version: claims.version, until: iso(until), endsSoon: until - now < KEYSET_WARN_DAYS * DAY };
}

/** What really decides here, which may be older than what the lease names. */
function catalogOf({ rulebook: { catalog } }: Rights): NonNullable<Status['catalog']> {
  return { id: catalog.id, version: Number.parseInt(catalog.version, 10) || 0 };
}
