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
  const words = leadingWords(argv);
  const name = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((each) => Object.hasOwn(COMMANDS, each));
  if (name !== undefined) {
    const { command } = await (COMMANDS[name] as (typeof COMMANDS)[string]).load();
    if (wantsHelp) return print(commandHelp(name, command), io);
    return command.run(readArguments(name, command, argv.slice(name.split(' ').length)), io);
  }
  if (words.length === 0 || words[0] === 'help') return print(generalHelp(), io, wantsHelp || words.length > 0);
  const group = groupHelp(words.join(' '));
  if (group.length > 0) return print(group, io, wantsHelp);
  throw unknown(words.join(' '));
}

/** The words in front of the first option: at most three call a command. */
function leadingWords(argv: readonly string[]): string[] {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return argv.slice(0, end === -1 ? 3 : Math.min(end, 3));
}

/** Help that was asked for is a success; help in place of a missing command is not. */
function print(lines: readonly string[], io: Io, asked = true): number {
  for (const line of lines) (asked ? io.out : io.err)(line);
  return asked ? EXIT.ok : EXIT.usage;
}

function unknown(words: string): LeaseholdError {
  const names = Object.keys(COMMANDS);
  const tried = [words, words.split(' ').slice(0, 2).join(' '), words.split(' ')[0] ?? ''];
  const guess = tried.map((each) => nearest(each, names)).find((each) => each !== undefined);
  return new LeaseholdError('INPUT_INVALID', `There is no command "${words}".`, {
    path: 'command',
    remedy: guess === undefined ? 'See: leasehold --help' : `Did you mean: leasehold ${guess}`,
  });
}
