import { LeaseholdError, parseCsv, type RequestOf } from '@leasehold/protocol';
import { isDay, isIso } from '@leasehold/terms';

type NewLicense = RequestOf<'licensesCreate'>['licenses'][number];

export interface CsvFault {
  readonly path: string;
  readonly detail: string;
}
export interface CsvLicenses {
  readonly licenses: readonly NewLicense[];
  /** The line of the file that each license stands on. */
  readonly lines: readonly number[];
  readonly faults: readonly CsvFault[];
  readonly ignored: readonly string[];
}

/** Lines of one import: as many as come in as JSON. */
const MAX_ROWS = 1000;
/** Faults that are told at once. */
export const MAX_FAULTS = 100;

/** The names under which a column is known, without case: ours, and those of common exports of license lists. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  id: ['id', 'number'],
  profile: ['profile'],
  type: ['type', 'licensetype', 'edition'],
  kind: ['kind', 'istrial'],
  term: ['term'],
  companyId: ['companyid'],
  seats: ['seats'],
  validUntil: ['validuntil', 'dateexpired'],
  autoRenew: ['autorenew', 'auto-renewal'],
  transaction: ['transaction'],
};

/** Reads licenses from a file. What is wrong is told by line and column, as much of it as was found.
 * @throws LeaseholdError INPUT_INVALID when it is no list of licenses at all */
export function readLicenses(csv: string): CsvLicenses {
  const [header, ...records] = parseCsv(csv);
  const names = (header?.cells ?? []).map((name) => columnOf(name));
  if (header === undefined || !names.includes('type')) throw noList();
  const twice = names.findIndex((name, index) => name !== undefined && names.indexOf(name) < index);
  if (twice !== -1) throw ambiguous(names[twice]!);
  if (records.length === 0 || records.length > MAX_ROWS) throw wrongSize(records.length);
  const faults: CsvFault[] = [];
  const licenses: NewLicense[] = [];
  for (const { line, cells } of records) {
    const values = new Map(names.map((name, index) => [name ?? '', cells[index] ?? '']));
    if (cells.length > names.length)
      faults.push({ path: `csv.line[${line}]`, detail: 'It has more cells than columns.' });
    const reader = new LineReader(values, `csv.line[${line}]`, faults);
    licenses.push(reader.license());
  }
  const ignored = header.cells.filter((_name, index) => names[index] === undefined);
  return { licenses, lines: records.map(({ line }) => line), faults: faults.slice(0, MAX_FAULTS), ignored };
}

function columnOf(name: string): string | undefined {
  const plain = name.trim().toLowerCase();
  return Object.keys(COLUMNS).find((column) => COLUMNS[column]!.includes(plain));
}

/** One line as a license; a cell that cannot be read leaves a fault and some value in its place. */
class LineReader {
  readonly #values: ReadonlyMap<string, string>;
  readonly #path: string;
  readonly #faults: CsvFault[];

  constructor(values: ReadonlyMap<string, string>, path: string, faults: CsvFault[]) {
    this.#values = values;
    this.#path = path;
    this.#faults = faults;
  }

  license(): NewLicense {
    const profile = this.#word('profile', ['msp', 'aip'], 'msp');
    // Common exports say IsTrial, true or false.
    const kinds = ['commercial', 'trial', 'false', 'true', 'no', 'yes', '0', '1'] as const;
    const trial = kinds.indexOf(this.#word('kind', kinds, 'commercial')) % 2 === 1;
    const [id, transaction, companyId] = [this.#id('id'), this.#id('transaction'), this.#id('companyId')];
    return {
      ...(id === null ? {} : { id }),
      profile,
      type: this.#type(),
      kind: trial ? 'trial' : 'commercial',
      term: this.#word('term', TERMS, trial ? 'trial' : 'subscription'),
      companyId,
      seats: this.#seats(),
      validUntil: this.#end(),
      autoRenew: this.#flag('autoRenew'),
      ...(transaction === null ? {} : { transaction }),
    };
  }

  #text(column: string): string {
    return (this.#values.get(column) ?? '').trim();
  }

  #fault(column: string, detail: string): void {
    this.#faults.push({ path: `${this.#path}.${column}`, detail });
  }

  #type(): string {
    const type = this.#id('type');
    if (type === null) this.#fault('type', 'A license has a type.');
    return type ?? '';
  }

  #id(column: string): string | null {
    const text = this.#text(column);
    if (text.length > 128) this.#fault(column, 'It is longer than 128 letters.');
    return text === '' ? null : text;
  }

  #word<const Word extends string>(column: string, words: readonly Word[], otherwise: Word): Word {
    const text = this.#text(column).toLowerCase();
    const found = words.find((word) => word === text);
    if (text !== '' && found === undefined) this.#fault(column, `It is one of ${words.join(', ')}.`);
    return found ?? otherwise;
  }

  #seats(): number {
    const text = this.#text('seats');
    if (text === '') return 1;
    if (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= 1_000_000) return Number(text);
    this.#fault('seats', 'It is a whole number from 1 to 1000000.');
    return 1;
  }

  #end(): string | null {
    const text = this.#text('validUntil');
    if (text === '') return null;
    if (isDay(text) || (INSTANT.test(text) && isIso(text))) return text;
    this.#fault('validUntil', 'It is a day like 2027-01-31, or an instant like 2027-01-31T00:00:00Z.');
    return null;
  }

  #flag(column: string): boolean {
    const text = this.#text(column).toLowerCase();
    if (!['', 'true', 'false', 'yes', 'no', '1', '0'].includes(text)) this.#fault(column, 'It is true or false.');
    return ['true', 'yes', '1'].includes(text);
  }
}

const TERMS = ['perpetual', 'subscription', 'trial', 'rental'] as const;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

function noList(): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', 'The file has no column `type`.', {
    path: 'csv.line[1]',
    remedy: `The first line names the columns: ${Object.keys(COLUMNS).join(', ')}; an export has them all.`,
  });
}

function ambiguous(column: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `Two columns say \`${column}\`.`, {
    path: 'csv.line[1]',
    remedy: `Leave one of them; it is known as ${COLUMNS[column]!.join(', ')}.`,
  });
}

function wrongSize(rows: number): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `The file has ${rows} licenses; an import takes 1 to ${MAX_ROWS}.`, {
    path: 'csv',
    remedy: 'Divide it into several files.',
  });
}
