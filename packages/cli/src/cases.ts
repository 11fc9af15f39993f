import { LeaseholdError } from '@leasehold/protocol';
import { explain, readCase, TermsError, type Case, type Decision } from '@leasehold/terms';
import { EXIT, type Io } from './command.js';
import { readJsonFile } from './read-json-file.js';

export const CASES_NOTES = [
  'FILE is a JSON array of {id, given, when}: the facts and the request. One JSON object a line is printed for each.',
  'A malformed case prints {id, error: {code, path, message}}; the others are still answered and the exit status is 2.',
] as const;

/** Answers every case of a file, a line for each. @throws LeaseholdError INPUT_INVALID when the file is no JSON array */
export async function answerCases(file: string, io: Io, judge: (input: Case) => Decision): Promise<number> {
  const cases = await readJsonFile(file);
  if (!Array.isArray(cases)) {
    throw new LeaseholdError('INPUT_INVALID', `${file} holds no JSON array.`, {
      path: file,
      remedy: 'Give an array of cases: [{"id": …, "given": {…}, "when": {…}}].',
    });
  }
  let status: number = EXIT.ok;
  for (const each of cases) {
    const answer = answerCase(each, judge);
    if ('error' in answer) status = EXIT.usage;
    io.out(JSON.stringify(answer));
  }
  return status;
}

function answerCase(input: unknown, judge: (input: Case) => Decision): object {
  const id = (input as { id?: unknown } | null)?.id ?? null;
  try {
    const read = readCase(input);
    const decision = judge(read);
    return { id, ...decision, explain: explain(decision, read) };
  } catch (error) {
    if (!(error instanceof TermsError)) throw error;
    const { code, path, message } = error;
    return { id, error: { code, path, message } };
  }
}
