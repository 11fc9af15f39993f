import { matchComponents, weightOf, type Match } from '@leasehold/fingerprint';
import type { Reader, Tx } from '../store/index.js';
import { componentsOf, factsOf, findInstance, type InstanceRow, type MachineReport } from './instance.js';
import { formerOf } from './twins.js';

/** How many machines that share a part are looked at; a golden image may stand behind thousands. */
const CANDIDATES = 64;
/** The name under which an injected instance id is searched; no component can have it (a word has no `#`). */
const INJECTED = '#instance';

/** Is this the machine that we know? An injected id decides where both have one; then the weighted parts; parts that
 * say too little leave it unknown, and the chain or the device key decides (D-9). */
export function likeness(known: InstanceRow, machine: MachineReport): Match {
  const match = matchComponents(componentsOf(known), machine.components);
  const injected = factsOf(known).instanceId;
  if (injected === undefined || machine.instanceId === undefined) return match;
  const same = injected === machine.instanceId;
  return { ...match, verdict: same ? 'same' : 'different', similarity: same ? 1 : 0 };
}

/** The machine that an activation comes from, if it was here before: by its device key, or, after a new installation or
 * a lost state folder, by its parts. Those anybody can tell of any machine, so that `mayBe` is asked whether whoever shows
 * them may be that one. */
export async function recognize(
  reader: Reader,
  account: string,
  product: string,
  jkt: string,
  machine: MachineReport,
  mayBe: (row: InstanceRow) => Promise<boolean>,
): Promise<InstanceRow | undefined> {
  const found = await candidates(reader, account, product, jkt, machine);
  const byKey = await rowsOf(
    reader,
    account,
    found.filter(({ way }) => way === 'key'),
  );
  byKey.sort((a, b) => b.last_seen_at - a.last_seen_at);
  const sameKey = byKey.find((known) => likeness(known, machine).verdict !== 'different');
  if (sameKey !== undefined) return sameKey;
  const alike = (
    await rowsOf(
      reader,
      account,
      found.filter(({ way }) => way === 'part'),
    )
  )
    .filter((row) => row.product === product)
    .map((row) => ({ row, match: likeness(row, machine) }))
    .filter(({ match }) => match.verdict === 'same' || match.verdict === 'drift');
  const ids = alike.map(({ row }) => row.id);
  const own = ids.length > 1 ? await formerOf(reader, account, jkt, ids) : [];
  const wasOwn = ({ row }: { readonly row: InstanceRow }): number => Number(own.includes(row.id));
  alike.sort(
    (a, b) =>
      wasOwn(b) - wasOwn(a) || b.match.similarity - a.match.similarity || b.row.last_seen_at - a.row.last_seen_at,
  );
  for (const { row } of alike) if (await mayBe(row)) return row;
  return undefined;
}

interface Candidate {
  readonly id: string;
  readonly way: 'key' | 'part';
}

/** In one statement, which for a new machine finds nothing. Not sorted there: the database might walk every machine by its
 * last check instead of by its key. */
async function candidates(
  reader: Reader,
  account: string,
  product: string,
  jkt: string,
  machine: MachineReport,
): Promise<Candidate[]> {
  const parts = searched(machine);
  const byKey = `SELECT id, 'key' AS way FROM
    (SELECT id FROM instances WHERE account = ? AND jkt = ? AND product = ? LIMIT ?) AS own`;
  const byPart = `SELECT instance_id, 'part' FROM
    (SELECT instance_id FROM machine_components WHERE account = ? AND name = ? AND hash = ? LIMIT ?) AS part`;
  return reader.all<Candidate>(
    [byKey, ...parts.map(() => byPart)].join(' UNION ALL '),
    [[jkt, product], ...parts].flatMap((found) => [account, ...found, CANDIDATES]),
  );
}

async function rowsOf(reader: Reader, account: string, found: readonly Candidate[]): Promise<InstanceRow[]> {
  const rows: InstanceRow[] = [];
  for (const id of new Set(found.map((one) => one.id))) {
    const row = await findInstance(reader, account, id);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** Writes down by which parts a machine is found again. `before`: as it was written down the last time, if it was. */
export async function noteComponents(
  tx: Tx,
  account: string,
  id: string,
  machine: Searched,
  before?: Searched,
): Promise<void> {
  const parts = searched(machine);
  const gone = before === undefined ? [] : without(searched(before), parts);
  for (const [name, hash] of gone)
    await tx.run('DELETE FROM machine_components WHERE account = ? AND name = ? AND hash = ? AND instance_id = ?', [
      account,
      name,
      hash,
      id,
    ]);
  const isKnown = before !== undefined && without(parts, searched(before)).length === 0;
  if (isKnown || parts.length === 0) return;
  await tx.run(
    `INSERT INTO machine_components (account, name, hash, instance_id)
       VALUES ${parts.map(() => '(?, ?, ?, ?)').join(', ')} ON CONFLICT (account, name, hash, instance_id) DO NOTHING`,
    parts.flatMap(([name, hash]) => [account, name, hash, id]),
  );
}

/** What a machine is searched by. */
type Searched = Pick<MachineReport, 'components' | 'instanceId'>;

/** The same of a machine as it last told it. */
export function searchedAs(row: InstanceRow): Searched {
  const { instanceId } = factsOf(row);
  return { components: componentsOf(row), ...(instanceId === undefined ? {} : { instanceId }) };
}

function without(parts: readonly Part[], others: readonly Part[]): Part[] {
  return parts.filter(([name, hash]) => !others.some((other) => other[0] === name && other[1] === hash));
}

/** A part's name and its hash. */
type Part = readonly [name: string, hash: string];

/** What a machine is found again by: what it was injected with, and each part that is needed to know it again. A part of
 * weight 1 is not: what is equal in two machines that are alike weighs at least 0.6 of 4, so that another part is equal too. */
export function searched(machine: Searched): Part[] {
  const injected: Part[] = machine.instanceId === undefined ? [] : [[INJECTED, machine.instanceId]];
  return [...injected, ...Object.entries(machine.components).filter(([name]) => weightOf(name) > 1)];
}
