import { readPayload } from '../model/tables.js';
import type { JournalPayload, JournalRow } from '../model/rows.js';
import { j } from '../texts/journal.js';

export interface EntryWords {
  readonly sentence: string;
  readonly who: string;
  readonly payload: JournalPayload | undefined;
}

/** A journal entry as one sentence. An erased payload leaves its type; a type this console does not know is shown as it
 * is. */
export function entryWords(row: JournalRow): EntryWords {
  const payload = readPayload(row);
  const who = actorName(row.actor);
  if (payload === undefined) return { sentence: j.value.erased(row.type), who, payload };
  const say = j.value.sentences[row.type];
  const subject = subjectName(payload);
  return { sentence: say === undefined ? j.value.unknown(row.type, subject) : say(subject), who, payload };
}

/** The name that a person gave it, where the payload carries one; else its id. */
function subjectName({ subject, details, rows }: JournalPayload): string {
  const row = rows.find((each) => each.id === subject.id)?.row;
  const licenses = rows.filter((each) => each.table === 'license' || each.table === 'pool_license');
  if (licenses.length > 1) return j.value.several(licenses.length);
  const name = row?.['fullName'] ?? row?.['name'] ?? details['name'] ?? details['label'];
  return typeof name === 'string' && name !== '' ? name : subject.id;
}

function actorName(actor: string): string {
  const at = actor.indexOf(':');
  const kind = at < 0 ? actor : actor.slice(0, at);
  const id = actor.slice(at + 1);
  const words = j.value.actors;
  if (kind === 'system') return words.system;
  return kind === 'admin' || kind === 'instance' ? words[kind](id) : actor;
}
