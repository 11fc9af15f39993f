import { LeaseholdError, shortageOf } from '@leasehold/protocol';
import { EXIT, type Io } from './command.js';
import { shown } from './shown.js';
import { unwritable } from './write-file.js';

const OURS = 'This is a defect of ours; please report it with the line above.';
const MISUSE = new Set<string>(['INPUT_INVALID', 'OPTIONS_INVALID']);

/** Says what went wrong and what to do next, and answers the exit status. Anything untyped is named as our defect. */
export function sayProblem(error: unknown, json: boolean, io: Io): number {
  const told = toldOf(LeaseholdError.is(error) ? error : asDefect(error));
  if (json) io.out(JSON.stringify({ error: told }));
  else sayInWords(told, (line) => io.err(shown(line)));
  return MISUSE.has(told.code) ? EXIT.usage : EXIT.failed;
}

function toldOf({ code, message, details }: LeaseholdError) {
  const { path, rule, reason, errors } = details;
  const [cause, own] = code === 'INTERNAL' ? [causeOf(details.cause, message), OURS] : [];
  return { code, message, cause, path, remedy: details.remedy ?? own, rule, reason, errors };
}

type Told = ReturnType<typeof toldOf>;

function sayInWords({ code, message, cause, path, remedy, errors }: Told, tell: (line: string) => void): void {
  tell(`${code}: ${message}`);
  if (cause !== undefined) tell(`  ${cause}`);
  // Of several faults each with its place: a file is corrected in one go.
  for (const fault of errors ?? []) tell(`  ${fault.path}: ${fault.detail}`);
  if (errors === undefined && isPlace(path) && !`${message} ${remedy}`.includes(path)) tell(`  at ${path}`);
  if (remedy !== undefined && !message.includes(remedy)) tell(remedy);
}

/** What a failure of ours came from, in a line: from the storage worker it comes as text, with where it was thrown. */
function causeOf(cause: unknown, said: string): string | undefined {
  const [line = ''] = (cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : '').split('\n');
  return line === '' || line === said ? undefined : line;
}

/** Does it lead somewhere in what was given? Not a word for the whole command line, which the message speaks of anyway. */
const isPlace = (path: string | undefined): path is string => path !== undefined && /[.[_]|^--/.test(path);

function shortage(cause: Error): LeaseholdError | undefined {
  const lacking = shortageOf((cause as NodeJS.ErrnoException).code ?? '');
  return lacking && new LeaseholdError('STATE_UNAVAILABLE', `${lacking.message}.`, { remedy: lacking.remedy, cause });
}

/** A full disk, a folder that may not be written or too many open files are no defect, whichever command met it. */
function asDefect(error: unknown): LeaseholdError {
  const known =
    error instanceof Error && 'syscall' in error ? (shortage(error) ?? unwritable(undefined, error)) : undefined;
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  return new LeaseholdError('INTERNAL', message, { remedy: OURS, cause: error });
}
