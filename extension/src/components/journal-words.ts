import { isRefusalRow } from '@leasehold/protocol/guards';
import { readPayload } from '../model/tables.js';
import type { JournalPayload, JournalRow } from '../model/rows.js';
import { number, shortId } from '../texts/format.js';
import { j } from '../texts/journal.js';
import { reasonOf } from './reason.js';

export interface EntryWords {
  readonly sentence: string;
  readonly who: string;
  readonly payload: JournalPayload | undefined;
}

/** A journal entry as one sentence. An erased payload leaves its type; a type this console does not know is shown as it
 * is. `tokens` names the people behind access tokens. */
export function entryWords(row: JournalRow, tokens: ReadonlyMap<string, string>): EntryWords {
  const payload = readPayload(row);
  const who = actorName(row.actor, tokens);
  if (payload === undefined) return { sentence: j.value.erased(row.type), who, payload };
  const sentences: Readonly<Record<string, (subject: string, other: string) => string>> = j.value.sentences;
  const said = meaning(row.type, payload);
  const say = Object.hasOwn(sentences, said) ? sentences[said] : undefined;
  const subject = subjectName(payload);
  return { sentence: say?.(subject, otherName(payload)) ?? j.value.unknown(row.type, subject), who, payload };
}

/** One type of entry says several things: cover that came, and cover that went; each decision and declaration. */
function meaning(type: string, { details }: JournalPayload): string {
  const { decision, kind } = details;
  if (type === 'fork.decided') return `${type}.${String(decision)}`;
  if (type === 'machine.declared') return `${type}.${String(kind)}`;
  const isLost = type === 'instance.cover_changed' && (decision === 'needs' || decision === 'refuse');
  return isLost ? 'instance.cover_lost' : type;
}

/** The other one that an entry speaks of: a machine, what a license is bound to, a person. */
function otherName({ details: { of, to, by, toName }, rows }: JournalPayload): string {
  if (typeof toName === 'string') return toName;
  const other = [of, to, by].find((each) => typeof each === 'string') ?? '';
  const id = other.replace(/^(machine|host|cluster_group):/, '');
  const name = rows.find((each) => each.id === id)?.row?.['name'];
  return typeof name === 'string' ? name : known(id);
}

/** An id that the authority made says nothing to a reader: its beginning and end tell it from others. */
const known = (id: string): string => (/^[a-z]{3,5}_[\w-]{12,}$/.test(id) ? shortId(id) : id);

/** Where a row says by what name people know it; by its id else. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  session: ['technicianName', 'technician'],
  media: [],
  order: ['number'],
};

function subjectName({ subject, details, rows }: JournalPayload): string {
  const licenses = rows.filter((each) => each.table === 'license' || each.table === 'pool_license');
  if (licenses.length > 1) return j.value.several(number(licenses.length));
  const row = rows.find((each) => each.id === subject.id)?.row ?? {};
  if (isRefusalRow(row)) return `${row.machine ?? ''} · ${reasonOf(row.decision).sentence}`;
  for (const name of NAMES[subject.type] ?? ['fullName', 'name', 'label']) {
    const value = row[name] ?? details[name];
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return String(value);
  }
  return known(subject.id);
}

/** Who did something: a person by the name of the token. */
export function actorName(actor: string, tokens: ReadonlyMap<string, string>): string {
  const at = actor.indexOf(':');
  const kind = at < 0 ? actor : actor.slice(0, at);
  const id = actor.slice(at + 1);
  const words = j.value.actors;
  if (kind === 'admin') return tokens.get(id) ?? words.admin(id);
  return kind === 'system' || kind === 'instance' || kind === 'device' ? words[kind] : actor;
}
