import type { EntitlementsClaims, LeaseClaims } from '@leasehold/protocol';
import { LeaseholdError } from '@leasehold/protocol';
import { ENGINE, TermsError, isoOf, readFacts } from '@leasehold/terms';
import type { Catalog, Facts, Handle, Iso, Known, Request, Table } from '@leasehold/terms';
import { compile } from '@leasehold/terms/engine';
import { endOf } from '../lease/extension-note.js';
import { rulebookOf } from './rulebooks.js';
import type { Rulebook } from './rulebooks.js';

/** What this installation is in its facts: a machine, an instance or a backup server, and its id there. */
export type Self = EntitlementsClaims['self'];

/** A verified lease with the facts it entitles to, compiled so that a question asked before costs next to nothing. */
export interface Rights {
  readonly lease: LeaseClaims;
  /** When it ends, epoch milliseconds: its own end, or that of an extension note. */
  readonly endsAt: number;
  readonly self: Self;
  readonly facts: Known;
  /** The rules of the facts' profile. */
  readonly rulebook: Rulebook;
  readonly table: Table;
  /** Questions asked before, by their text; they end with the lease they were bound to. */
  readonly handles: Map<string, Handle>;
}

/** The instant of a judgement, read once. Epoch milliseconds. */
export interface Moment {
  /** Never before what is trusted (D-6). */
  readonly now: number;
  /** What the machine's own clock shows; given where it lies behind. */
  readonly behind?: number;
}

/** Brings verified claims into the form of the rules. Throws ENTITLEMENTS_INVALID for facts this version cannot read. */
export async function rightsOf(
  lease: LeaseClaims,
  entitlements: EntitlementsClaims,
  endsAt: number = endOf(lease),
): Promise<Rights> {
  const { self, facts: entitled, iat } = entitlements;
  const span = { issuedAt: iso(lease.iat * 1000), expiresAt: iso(endsAt), signature: 'valid' };
  // Not by a literal: what one adds after a spread has a hidden class of its own each time, at forty times the price, and
  // the next collections carry that along (V8 11 to 12).
  const { now: _now, ...facts } = readEntitled(Object.assign({}, entitled, { lease: span, now: iso(iat * 1000) }));
  const rulebook = shippedBook(entitlements.catalog as Catalog | undefined, await rulebookOf(facts.profile));
  return { lease, endsAt, self, facts, rulebook, table: compile(facts, rulebook), handles: new Map() };
}

/** The vendor's own rules, which the authority checked and signed. One that needs a later engine is passed over: what was
 * built in goes on, and `status().catalog` says so (design section 2). */
function shippedBook(catalog: Catalog | undefined, builtIn: Rulebook): Rulebook {
  if (catalog === undefined || catalog.engine > ENGINE || catalog.profile !== builtIn.catalog.profile) return builtIn;
  return { catalog, kinds: builtIn.kinds };
}

function readEntitled(facts: Record<string, unknown>): Facts {
  try {
    return readFacts(facts);
  } catch (cause) {
    if (!(cause instanceof TermsError)) throw cause;
    throw new LeaseholdError(
      'ENTITLEMENTS_INVALID',
      `The entitlements cannot be read: ${cause.path} ${cause.message}.`,
      {
        path: cause.path,
        remedy: 'Update the product: the authority may be newer. What was held before stays in force.',
        cause,
      },
    );
  }
}

/** The facts at one moment. */
export function factsAt({ facts }: Rights, { now, behind }: Moment): Facts {
  return { ...facts, now: iso(behind ?? now), ...(behind === undefined ? {} : { lastTrustedTime: iso(now) }) };
}

const SUBJECTS = ['machine', 'instance', 'server'];

/** Puts this installation in the place of the word `self`, and where nothing is named. A vendor may say `machine: 'self'`
 * whatever the license calls it: an installation that is licensed as an instance or server is then asked as that. */
export function resolveSelf(request: Request, self: Self): Request {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request)) {
    const own = value === 'self' && name === 'machine' ? self.kind : name;
    resolved[own] = value === 'self' ? self.id : value;
  }
  if (!SUBJECTS.some((name) => name in resolved)) resolved[self.kind] = self.id;
  return resolved as Request;
}

export function iso(epochMs: number): Iso {
  return isoOf(epochMs);
}
