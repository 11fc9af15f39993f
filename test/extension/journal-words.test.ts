import { afterEach, expect, test } from 'vitest';
import { entryWords } from '../../extension/src/components/journal-words.js';
import type { JournalRow } from '../../extension/src/model/rows.js';
import { language } from '../../extension/src/texts/language.js';

afterEach(() => void (language.value = 'en'));

const entry = (type: string, details: object, names: Readonly<Record<string, string>> = {}): JournalRow => ({
  epoch: 1,
  seq: 1,
  at: 1,
  type,
  actor: 'admin:t1',
  payload: JSON.stringify({
    subject: { type: 'machine', id: 'm1' },
    details,
    rows: Object.entries(names).map(([id, name]) => ({ table: 'machine', id, row: { id, name } })),
  }),
  payloadHash: 'aa',
  prev: '',
  hash: 'bb',
});
const NAMES = { m1: 'copy-01', m2: 'first-01' };
const said = (type: string, details: object = {}) => entryWords(entry(type, details, NAMES), new Map()).sentence;

test.each([
  ['fork.decided', { decision: 'replace', of: 'm2' }, 'Fork decided: the copy copy-01 takes the place of first-01'],
  ['fork.decided', { decision: 'license', of: 'm2' }, 'Fork decided: the copy copy-01 gets a license of its own'],
  ['fork.decided', { decision: 'retire', of: 'm2' }, 'Fork decided: the copy copy-01 is out of service'],
  ['machine.declared', { kind: 'standby_of', of: 'm2' }, 'copy-01 declared a standby of first-01'],
  ['machine.declared', { kind: 'disposed', of: null }, 'copy-01 declared disposed of'],
  ['machine.contradicted', { declared: 'dead' }, 'copy-01 was declared gone, and spoke'],
  ['session.taken_over', { by: 'Eva E.' }, 'Session of copy-01 taken over by Eva E.'],
  ['license.bound', { to: 'machine:m2' }, 'License copy-01 bound to first-01'],
  ['grant.created', { to: 'comp_1', toName: 'Alder Dental' }, 'Licenses given down to Alder Dental'],
  ['grant.taken_back', { to: 'comp_1', toName: 'Alder Dental' }, 'Unused licenses taken back from Alder Dental'],
  ['license.reassigned', { from: 'ana', to: 'mika' }, 'License copy-01 reassigned to mika'],
])('%s says what was decided, about whom', (type, details, sentence) => {
  expect(said(type, details)).toBe(sentence);
});

test.each([
  'instance.forked',
  'machine.released',
  'standby.declared',
  'standby.booted',
  'session.lapsed',
  'session.resumed',
  'voucher.fetched',
  'code.given',
])('%s has a sentence of its own in both languages', (type) => {
  expect(said(type, { of: 'm2' })).not.toContain(type);
  language.value = 'ja';
  expect(said(type, { of: 'm2' })).not.toContain(type);
});

test('a type or a decision that this console does not know is shown as it is', () => {
  expect(said('moon.landed')).toBe('moon.landed: copy-01');
  expect(said('fork.decided', { decision: 'frame' })).toBe('fork.decided: copy-01');
});
