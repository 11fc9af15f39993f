import { LeaseholdError } from '@leasehold/protocol';
import {
  catalogs,
  en,
  explain,
  ja,
  readCase,
  readCatalog,
  TermsError,
  type Case,
  type Catalog,
  type Decision,
  type Texts,
} from '@leasehold/terms';
import { EXIT, type Given, type Io, type Option } from './command.js';
import { LANGUAGE_OPTION, readLanguage } from './language.js';
import { readJsonFile } from './read-file.js';

const TEXTS: Readonly<Record<string, Texts>> = { en, ja };

export const CASES_OPTIONS: Readonly<Record<string, Option>> = {
  catalog: { what: 'A vendor’s catalog in place of the built-in one', value: 'FILE' },
  ...LANGUAGE_OPTION,
};

export const CASES_NOTES = [
  'FILE is a JSON array of {id, given, when}: the facts and the request. One JSON object a line is printed for each.',
  'A malformed case prints {id, error: {code, path, message}}; the others are still answered and the exit status is 2.',
] as const;

/** A decision, and what a command adds to it. */
export interface Judged {
  readonly decision: Decision;
  readonly more?: object;
}

type Judge = (input: Case, catalog: Catalog) => Judged;

/** Answers every case of a file, a line for each. @throws LeaseholdError INPUT_INVALID when the file is no JSON array */
export async function answerCases(given: Given, io: Io, judge: Judge): Promise<number> {
  const [file = ''] = given.args;
  const texts = TEXTS[readLanguage(given)]!;
  const catalog = await readVendors(given);
  const cases = await readJsonFile(file);
  if (!Array.isArray(cases)) {
    throw new LeaseholdError('INPUT_INVALID', `${file} holds no JSON array.`, {
      path: file,
      remedy: 'Give an array of cases: [{"id": …, "given": {…}, "when": {…}}].',
    });
  }
  let status: number = EXIT.ok;
  for (const each of cases) {
    const answer = answerCase(each, judge, { texts, ...(catalog && { catalog }) });
    if ('error' in answer) status = EXIT.usage;
    io.out(JSON.stringify(answer));
  }
  return status;
}

async function readVendors(given: Given): Promise<Catalog | undefined> {
  const file = given.get('catalog');
  if (file === undefined) return undefined;
  try {
    return readCatalog(await readJsonFile(file));
  } catch (error) {
    if (!(error instanceof TermsError)) throw error;
    throw new LeaseholdError('INPUT_INVALID', `${file}: ${error.path} ${error.message}.`, {
      path: error.path,
      remedy: `leasehold catalog check ${file} names everything that is wrong with it.`,
      cause: error,
    });
  }
}

interface By {
  readonly texts: Texts;
  readonly catalog?: Catalog;
}

function answerCase(input: unknown, judge: Judge, { texts, catalog: vendors }: By): object {
  const id = (input as { id?: unknown } | null)?.id ?? null;
  try {
    const read = readCase(input);
    const catalog = vendors ?? catalogs[read.facts.profile];
    if (catalog.profile !== read.facts.profile) {
      throw new TermsError('FACTS_INVALID', 'given.profile', `must be ${catalog.profile}, as the catalog’s`);
    }
    const { decision, more } = judge(read, catalog);
    // How long an answer stands is told by its explanation, as `until` or `runsUntil`.
    const { until: _until, ...told } = decision;
    return { id, ...told, explain: explain(decision, texts, { facts: read.facts, catalog }), ...more };
  } catch (error) {
    if (!(error instanceof TermsError)) throw error;
    const { code, path, message } = error;
    return { id, error: { code, path, message } };
  }
}
