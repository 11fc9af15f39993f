import { en, explain, type Decision } from '@leasehold/terms';
import type { Io } from '../command.js';
import { shown } from '../shown.js';

type Value = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Value => typeof value === 'object' && value !== null && !Array.isArray(value);
const isRows = (value: unknown): value is readonly Value[] =>
  Array.isArray(value) && value.length > 0 && value.every(isRow);

/** A reply for a person: lists as tables, everything else as `name  value`. */
export function printReply(reply: Value, io: Io): void {
  for (const [name, value] of Object.entries(reply)) {
    if (isRows(value)) {
      io.out(name);
      for (const line of table(value)) io.out(`  ${line}`);
    } else io.out(`${name}  ${cell(value)}`);
  }
  tellWarning(reply['decision'] as Decision | undefined, io);
}

/** What a change brings about that the rules warn of, in words: `OVER_QUOTA` alone says little to who typed it. */
function tellWarning(decision: Decision | undefined, io: Io): void {
  if (decision?.decision !== 'warn') return;
  const { sentence, cure } = explain(decision, en);
  for (const line of [sentence, cure]) if (line !== '') io.err(shown(line));
}

function table(rows: readonly Value[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_column, i) => Math.max(...lines.map((line) => widthOf(line[i] ?? ''))));
  return lines.map((line) =>
    line
      .map((text, i) => text + ' '.repeat((widths[i] ?? 0) - widthOf(text)))
      .join('  ')
      .trimEnd(),
  );
}

/** What takes two cells of a terminal: the wide and fullwidth letters (Unicode Standard Annex 11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

/** Cells that a text takes. Marks stand above or below the letter before them. */
const widthOf = (text: string): number => [...text.replaceAll(/\p{Mn}/gu, '')].length + (text.match(WIDE)?.length ?? 0);

/** One value in a line: `obm=50 acb=50` for a plain row, a dash for nothing. */
function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  if (isRow(value))
    return (
      Object.entries(value)
        .map(([name, each]) => `${shown(name)}=${cell(each)}`)
        .join(' ') || '-'
    );
  return shown(typeof value === 'string' ? value : JSON.stringify(value));
}
