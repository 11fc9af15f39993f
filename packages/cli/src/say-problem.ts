import { LeaseholdError } from '@leasehold/protocol';
import { EXIT, type Io } from './command.js';
import { shown } from './shown.js';
import { unwritable } from './write-file.js';

const OURS = 'This is a defect of ours; please report it with the line above.';
const MISUSE = new Set<string>(['INPUT_INVALID', 'OPTIONS_INVALID']);

/** Says what went wrong and what to do next, and answers the exit status. Anything untyped is named as our defect. */
export function sayProblem(error: unknown, json: boolean, io: Io): number {
  const { code, message, details } = LeaseholdError.is(error) ? error : asDefect(error);
  const { path, remedy, rule, reason, errors } = details;
  if (json) io.out(JSON.stringify({ error: { code, message, path, remedy, rule, reason, errors } }));
  else {
    const tell = (line: string): void => io.err(shown(line));
    tell(`${code}: ${message}`);
    // Of several faults each with its place: a file is corrected in one go.
    for (const fault of errors ?? []) tell(`  ${fault.path}: ${fault.detail}`);
    if (errors === undefined && isPlace(path) && !`${message} ${remedy}`.includes(path)) tell(`  at ${path}`);
    if (remedy !== undefined && !message.includes(remedy)) tell(remedy);
  }
  return MISUSE.has(code) ? EXIT.usage : EXIT.failed;
}

/** Does it lead somewhere in what was given? Not a word for the whole command line, which the message speaks of anyway. */
const isPlace = (path: string | undefined): path is string => path !== undefined && /[.[_]|^--/.test(path);

/** A full disk or a folder that may not be written is no defect, whichever command met it. */
function asDefect(error: unknown): LeaseholdError {
  const known = error instanceof Error && 'syscall' in error ? unwritable(undefined, error) : undefined;
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  return new LeaseholdError('INTERNAL', message, { remedy: OURS, cause: error });
}
