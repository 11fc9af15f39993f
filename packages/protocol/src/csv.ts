import { LeaseholdError } from './problems.js';

/** Comma-separated values after RFC 4180, as spreadsheets write and read them. */

/** One record of a file and the line on which it begins; the first line is 1. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell that a spreadsheet would take for a formula begins with one of these. */
const FORMULA = /^'*[=+\-@\t\r]/;
const GUARDED = /^'+[=+\-@\t\r]/;

/** One line of the file, ended by CR LF. What a spreadsheet would run as a formula gets an apostrophe before it. */
export function formatCsv(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(formatCell).join(',')}\r\n`;
}

function formatCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Reads a file with commas, or with semicolons where its first line has those, with or without a byte order mark. Empty
 * lines are skipped; apostrophes that {@link formatCsv} set are taken off again.
 * @throws LeaseholdError INPUT_INVALID naming the line */
export function parseCsv(text: string): CsvRecord[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lost = body.indexOf('\uFFFD');
  if (lost !== -1) throw otherEncoding(body.slice(0, lost).split('\n').length);
  const separator = separatorOf(body);
  const records: CsvRecord[] = [];
  let [at, line] = [0, 1];
  while (at < body.length) {
    const record = readRecord(body, at, line, separator);
    if (record.cells.length > 1 || record.cells[0] !== '') records.push({ line, cells: record.cells });
    [at, line] = [record.next, record.nextLine];
  }
  return records;
}

/** The first of the two that stands outside of quotes, on the first line. */
function separatorOf(text: string): ',' | ';' {
  const marks = text.matchAll(/"(?:[^"]|"")*"|[,;\r\n]/g);
  for (const [mark] of marks) if (!mark.startsWith('"')) return mark === ';' ? ';' : ',';
  return ',';
}

interface ReadRecord {
  readonly cells: string[];
  readonly next: number;
  readonly nextLine: number;
}

function readRecord(text: string, from: number, line: number, separator: string): ReadRecord {
  const cells: string[] = [];
  let at = from;
  let lines = 0;
  for (;;) {
    const cell = text[at] === '"' ? readQuoted(text, at, line + lines) : readPlain(text, at, separator);
    cells.push(GUARDED.test(cell.value) ? cell.value.slice(1) : cell.value);
    lines += cell.value.split('\n').length - 1;
    at = cell.next;
    if (text[at] === separator) at += 1;
    else break;
  }
  if (at < text.length && text[at] !== '\r' && text[at] !== '\n') throw malformed(line + lines);
  const next = text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1;
  return { cells, next, nextLine: line + lines + 1 };
}

interface ReadCell {
  readonly value: string;
  readonly next: number;
}

function readPlain(text: string, from: number, separator: string): ReadCell {
  let to = from;
  while (to < text.length && text[to] !== separator && text[to] !== '\r' && text[to] !== '\n') to += 1;
  return { value: text.slice(from, to).trim(), next: to };
}

function readQuoted(text: string, from: number, line: number): ReadCell {
  let value = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw malformed(line);
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, next: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

/** What is no UTF-8 was read as U+FFFD: names in another encoding (spreadsheets of many countries save CSV so) are lost. */
function otherEncoding(line: number): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `Line ${line} is not UTF-8: letters in it are lost.`, {
    path: `csv.line[${line}]`,
    remedy: 'Save the file as “CSV UTF-8” and send it again.',
  });
}

function malformed(line: number): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `Line ${line} is not comma-separated values.`, {
    path: `csv.line[${line}]`,
    remedy: 'A cell with a quote, a comma or a line break stands in quotes, and a quote in it is written twice.',
  });
}
