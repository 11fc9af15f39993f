import { parseArgs, type ParseArgsConfig } from 'node:util';
import { LeaseholdError } from '@leasehold/protocol';
import type { Command, Given } from './command.js';

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** Reads what was typed by the command's table. @throws LeaseholdError INPUT_INVALID, naming the option or argument. */
export function readArguments(name: string, command: Command, typed: readonly string[]): Given {
  const cut = typed.includes('--') ? typed.indexOf('--') : typed.length;
  const [before, after] = [parse(name, command, typed.slice(0, cut)), typed.slice(cut + 1)];
  // Where nothing is to be started, what follows `--` are arguments like any other (POSIX, utility syntax guideline 10).
  const [args, rest] =
    command.rest === undefined ? [[...before.positionals, ...after], []] : [before.positionals, after];
  const given = asGiven(before.values, args, rest);
  for (const [option, { required, value }] of Object.entries(command.options ?? {})) {
    // As `--account "$ACCOUNT"` comes out where there is no such variable.
    if (required === true && (given.get(option) ?? '') === '')
      throw misuse(name, `--${option} ${value ?? ''} is missing.`, option);
  }
  const lacking = missingArgument(command, given);
  if (lacking !== undefined) throw misuse(name, `${lacking} is missing.`, 'arguments');
  const extra = args[(command.args ?? []).length];
  if (extra !== undefined) throw misuse(name, `"${extra}" is one argument too many.`, 'arguments');
  return given;
}

/** One that stands in brackets may be left out. */
function missingArgument({ args = [], rest }: Command, given: Given): string | undefined {
  const next = args[given.args.length];
  return (
    (next?.startsWith('[') ? undefined : next) ??
    (given.rest.length === 0 && rest !== undefined ? `-- ${rest}` : undefined)
  );
}

function parse(name: string, command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = { json: { type: 'boolean' } };
  for (const [option, { value, short, many }] of Object.entries(command.options ?? {})) {
    options[option] = {
      type: value === undefined ? 'boolean' : 'string',
      ...(short && { short }),
      ...(many && { multiple: true }),
    };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw misuse(name, `${firstSentence(error as Error)}.`, 'options');
  }
}

/** Of an unknown option the rest is about another way to write it; of a value that looks like one the lines belong together. */
const firstSentence = ({ message }: Error): string => message.split('. ')[0]!.replaceAll('\n', ' ').replace(/\.+$/, '');

function asGiven(values: Values, args: readonly string[], rest: readonly string[]): Given {
  const all = (option: string): readonly string[] => [values[option] ?? []].flat().map(String);
  return {
    args,
    rest,
    json: values['json'] === true,
    has: (option) => values[option] !== undefined,
    get: (option) => all(option)[0],
    all,
  };
}

function misuse(name: string, message: string, path: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', message, { path, remedy: `See: leasehold ${name} --help` });
}
