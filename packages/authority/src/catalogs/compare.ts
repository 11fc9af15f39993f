import { decide, TermsError, type Decision, type Profile } from '@leasehold/terms';
import { at, coverRequest, factsFor, type KnownFacts } from '../facts.js';
import type { InstanceRow } from '../instances/instance.js';
import type { Reader } from '../store/index.js';

/** Machines that a dry run judges again, those that were heard of last; and how many of the changes it names. */
const JUDGED = 2000;
const NAMED = 200;

/** What an instance of a profile runs on. */
const RUNS_ON: Readonly<Record<Profile, string>> = {
  aip: "coalesce(entitlement_kind, 'machine_license') = 'machine_license'",
  msp: "entitlement_kind = 'instance_license'",
  lmp: "entitlement_kind IN ('pool_key', 'pool_license')",
  generic: '1 = 0',
};

/** What machines are judged by: the facts and the rules. */
type Judged = Pick<KnownFacts, 'facts' | 'catalog'>;

/** Whose backups would be answered otherwise: machine, license, and the answer before and after. `profile` null: of every
 * profile. */
export async function compareAnswers(
  reader: Reader,
  account: string,
  profile: Profile | null,
  otherwise: (known: KnownFacts) => Judged,
  now: number,
): Promise<NonNullable<Decision['value']>> {
  const rows = await reader.all<InstanceRow>(
    `SELECT * FROM instances WHERE account = ? AND state = 'active' AND ${profile === null ? '1 = 1' : RUNS_ON[profile]}
       ORDER BY last_seen_at DESC, id LIMIT ?`,
    [account, JUDGED],
  );
  const changes: object[] = [];
  for (const row of rows) {
    const known = await factsFor(reader, row);
    const [before, after] = [answer(known, known, now), answer(known, otherwise(known), now)];
    if (before !== after) changes.push({ machine: row.id, license: row.entitlement_id, before, after });
  }
  return { judged: rows.length, changed: changes.length, changes: changes.slice(0, NAMED) };
}

/** A catalog that does not know the question refuses. */
function answer(known: KnownFacts, { facts, catalog }: Judged, now: number): string {
  try {
    const { decision, code, warnings } = decide(at(facts, now), coverRequest(known), catalog);
    return [decision, code ?? warnings?.[0]].filter((word) => word !== undefined).join(' ');
  } catch (thrown) {
    if (thrown instanceof TermsError) return `refuse ${thrown.code}`;
    throw thrown;
  }
}
