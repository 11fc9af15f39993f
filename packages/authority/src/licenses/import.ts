import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { licensesCreate, type NewLicense } from './create.js';
import { MAX_FAULTS, type CsvFault } from './csv-import.js';
import { faultsOf } from './faults.js';

export interface Import {
  readonly licenses: readonly NewLicense[];
  /** The line of the file that each license stands on. */
  readonly lines: readonly number[];
  /** What could not be read. */
  readonly faults: readonly CsvFault[];
}

/** Brings the licenses of a file in, all or nothing: one line that is wrong keeps all out, and every wrong line is told. */
export const licensesImport: Change<Import, { readonly timeZone: string }, { readonly ids: readonly string[] }> = {
  async judge(reader, by, { licenses, lines, faults }, now) {
    const errors = [...faults];
    for await (const { index, error } of faultsOf(reader, by.account, licenses)) {
      const path = (error.details.path ?? '').replace(`licenses[${index}]`, `csv.line[${lines[index]}]`);
      if (!errors.some((known) => known.path === path)) errors.push({ path, detail: error.message });
    }
    const told = errors.slice(0, MAX_FAULTS);
    if (told.length > 0 && !by.dryRun) throw wrongLines(told);
    if (told.length > 0) return { decision: { ...BY_ROLE, value: { errors: told } }, plan: { timeZone: 'UTC' } };
    return licensesCreate.judge(reader, by, { licenses }, now);
  },
  apply: (tx, by, { licenses }, plan, now) => licensesCreate.apply(tx, by, { licenses }, plan, now),
};

function wrongLines(errors: readonly CsvFault[]): LeaseholdError {
  const [first] = errors;
  const many = errors.length === 1 ? '1 fault' : `${errors.length} faults`;
  return new LeaseholdError('INPUT_INVALID', `The file has ${many}; nothing was brought in.`, {
    path: first!.path,
    remedy: 'Correct the lines that `errors` names and send the whole file again.',
    errors,
  });
}
