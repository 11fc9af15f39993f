import { LeaseholdError, type Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import type { JournalPayload, Reader } from '../store/index.js';

/** A place in the journal up to which a caller has seen everything: what an entity tag of ours says (RFC 9110, 8.8.3). */
export interface Seen {
  readonly epoch: number;
  readonly seq: number;
}

/** What the ETag header of a reply says: where the journal stood. */
export function entityTag({ epoch, seq }: Seen): string {
  return `"${epoch}:${seq}"`;
}

/** Reads If-Match; null where it is absent or `*`. @throws LeaseholdError INPUT_INVALID for a tag that is not ours */
export function readIfMatch(header: string | undefined): Seen | null {
  if (header === undefined || header.trim() === '*') return null;
  const [, epoch, seq] = /^\s*(?:W\/)?"(\d{1,15}):(\d{1,15})"\s*$/.exec(header) ?? [];
  if (epoch !== undefined && seq !== undefined) return { epoch: Number(epoch), seq: Number(seq) };
  throw new LeaseholdError('INPUT_INVALID', 'If-Match names no state of ours.', {
    path: 'header.If-Match',
    remedy: 'Send the ETag of the reply that you last read, like "1:57".',
  });
}

/** How many later changes the problem tells of. */
const TOLD = 20;

interface Line {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly payload: string | null;
}

/** Refuses an edit of something that somebody else has changed since the caller looked, and says what that was: the
 * journal knows. @throws LeaseholdError CHANGED_MEANWHILE */
export async function assertUnchanged(
  reader: Reader,
  { account, scope, seen }: { readonly account: string; readonly scope: Scope; readonly seen: Seen },
  subjects: readonly string[],
): Promise<void> {
  // What passed from another company has a past that is not told here.
  const own = within('company_id', { account, scope });
  const head = await reader.get<{ epoch: number }>('SELECT epoch FROM journal_heads WHERE account = ?', [account]);
  // A number of another epoch says nothing about rows of this one: everything may have changed.
  const from = head?.epoch === seen.epoch ? seen.seq : 0;
  for (const subject of subjects) {
    const later = await reader.all<Line>(
      `SELECT seq, at, type, actor, payload FROM journal WHERE account = ? AND subject = ? AND seq > ? AND ${own.sql}
         ORDER BY seq DESC LIMIT ?`,
      [account, subject, from, ...own.params, TOLD],
    );
    if (later.length > 0) throw await changedMeanwhile(reader, account, subject, later.toReversed());
  }
}

async function changedMeanwhile(
  reader: Reader,
  account: string,
  subject: string,
  lines: readonly Line[],
): Promise<LeaseholdError> {
  const before = await reader.get<Line>(
    'SELECT * FROM journal WHERE account = ? AND subject = ? AND seq < ? ORDER BY seq DESC LIMIT 1',
    [account, subject, lines[0]!.seq],
  );
  const changes: Message<'ChangedMeanwhile'>[] = [];
  let last = before === undefined ? undefined : rowOf(before, subject);
  for (const line of lines) {
    const row = rowOf(line, subject);
    changes.push({
      at: new Date(line.at).toISOString(),
      actor: line.actor,
      name: await nameOf(reader, account, line.actor),
      type: line.type,
      members: membersThatDiffer(last, row),
    });
    last = row ?? last;
  }
  const { actor, name, type, members } = changes.at(-1)!;
  const what = members.length === 0 ? '' : ` (${members.join(', ')})`;
  return new LeaseholdError('CHANGED_MEANWHILE', `${subject} was changed by ${name ?? actor}: ${type}${what}.`, {
    path: 'header.If-Match',
    remedy: 'Read it again, look at what was changed, and repeat the edit with the new ETag if it is still right.',
    changes,
  });
}

type Row = Readonly<Record<string, unknown>>;

function rowOf({ payload }: Line, subject: string): Row | undefined {
  if (payload === null) return undefined;
  const { rows } = JSON.parse(payload) as JournalPayload;
  return rows.find(({ id }) => id === subject)?.row ?? undefined;
}

function membersThatDiffer(before: Row | undefined, after: Row | undefined): string[] {
  if (before === undefined || after === undefined) return [];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).sort();
}

/** The name of the token that a person acted by. */
async function nameOf(reader: Reader, account: string, actor: string): Promise<string | null> {
  const id = /^admin:(.+)$/.exec(actor)?.[1];
  if (id === undefined) return null;
  const row = await reader.get<{ name: string }>('SELECT name FROM access_tokens WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  return row?.name ?? null;
}
