import { readFileSync } from 'node:fs';
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
  const own = beforeRest(argv);
  const wantsHelp = own.some((word) => word === '--help' || word === '-h');
  const words = leadingWords(argv);
  if (words[0] === 'help') return dispatch([...argv.slice(1), '--help'], io);
  const name = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((each) => Object.hasOwn(COMMANDS, each));
  if (name !== undefined) {
    const { command } = await (COMMANDS[name] as (typeof COMMANDS)[string]).load();
    if (wantsHelp) return print(commandHelp(name, command), io);
    return command.run(readArguments(name, command, argv.slice(name.split(' ').length)), io);
  }
  if (words.length === 0 && own.includes('--version')) return printVersion(own.includes('--json'), io);
  const page = words.length === 0 ? generalHelp() : groupHelp(words.join(' '));
  if (page.length === 0) throw unknown(words.join(' '));
  if (!wantsHelp) assertHelpWillDo(words.join(' '), own);
  return print(page, io, wantsHelp);
}

/** Where no whole command was typed a person gets the page that names it. A script is told, and so is whoever wrote an option
 * in front of the command. @throws LeaseholdError INPUT_INVALID */
function assertHelpWillDo(words: string, own: readonly string[]): void {
  const odd = words === '' ? own.find((word) => word.startsWith('-') && word !== '--json') : undefined;
  if (odd !== undefined) {
    const remedy = 'Options follow the command. See: leasehold --help';
    throw new LeaseholdError('INPUT_INVALID', `${odd} stands before a command.`, { path: 'command', remedy });
  }
  if (!own.includes('--json')) return;
  const message = words === '' ? 'No command was named.' : `"${words}" is not a whole command.`;
  const remedy = `See: ${['leasehold', words, '--help'].filter((word) => word !== '').join(' ')}`;
  throw new LeaseholdError('INPUT_INVALID', message, { path: 'command', remedy });
}

function printVersion(json: boolean, io: Io): number {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  io.out(json ? JSON.stringify({ version }) : `leasehold ${version}`);
  return EXIT.ok;
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
