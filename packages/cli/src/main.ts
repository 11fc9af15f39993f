import { LeaseholdError } from '@leasehold/protocol';
import { EXIT, type Io } from './command.js';
import { COMMANDS } from './commands.js';
import { commandHelp, generalHelp, groupHelp } from './help.js';
import { sayProblem } from './say-problem.js';
import { nearest } from './nearest.js';
import { readArguments } from './parse.js';

/** Standard output and error of this process. */
export const terminal: Io = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
};

/** Runs one command line and answers its exit status; it never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    return sayProblem(error, beforeRest(argv).includes('--json'), io);
  }
}

/** What belongs to us: `leasehold run -- engine --help` asks the engine for help, not us. */
const beforeRest = (argv: readonly string[]): readonly string[] =>
  argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const wantsHelp = beforeRest(argv).some((word) => word === '--help' || word === '-h');
  const words = argv.slice(0, 2).filter((word) => !word.startsWith('-'));
  const name = [words.join(' '), words[0]].find((each) => each !== undefined && Object.hasOwn(COMMANDS, each));
  if (name !== undefined) {
    const { command } = await (COMMANDS[name] as (typeof COMMANDS)[string]).load();
    if (wantsHelp) return print(commandHelp(name, command), io);
    return command.run(readArguments(name, command, argv.slice(name.split(' ').length)), io);
  }
  if (words.length === 0 || words[0] === 'help') return print(generalHelp(), io, wantsHelp || words.length > 0);
  if (Object.keys(COMMANDS).some((known) => known.startsWith(`${words[0]} `))) {
    if (words.length === 1) return print(groupHelp(words[0] as string), io, wantsHelp);
  }
  throw unknown(words.join(' '));
}

/** Help that was asked for is a success; help in place of a missing command is not. */
function print(lines: readonly string[], io: Io, asked = true): number {
  for (const line of lines) (asked ? io.out : io.err)(line);
  return asked ? EXIT.ok : EXIT.usage;
}

function unknown(words: string): LeaseholdError {
  const names = Object.keys(COMMANDS);
  const guess = nearest(words, names) ?? nearest(words.split(' ')[0] ?? '', names);
  return new LeaseholdError('INPUT_INVALID', `There is no command "${words}".`, {
    path: 'command',
    remedy: guess === undefined ? 'See: leasehold --help' : `Did you mean: leasehold ${guess}`,
  });
}
