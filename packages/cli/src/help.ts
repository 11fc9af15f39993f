import type { Command } from './command.js';
import { COMMANDS } from './commands.js';

const columns = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};

/** The first page: every command with its summary. */
export function generalHelp(): string[] {
  return [
    'Usage: leasehold COMMAND [OPTIONS]',
    '',
    ...columns(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary])),
    '',
    'Each command explains itself with --help and answers in JSON with --json; leasehold --version tells the release.',
    'Exit status: 0 done, 1 failed, 2 wrong use or input, 77 a job or boot medium refused by a license rule.',
  ];
}

/** The commands that begin with these words, as `leasehold keyset --help` shows them; [] when there are none. */
export function groupHelp(words: string): string[] {
  const rows = Object.entries(COMMANDS).filter(([name]) => name.startsWith(`${words} `));
  if (rows.length === 0) return [];
  return ['Usage:', '', ...columns(rows.map(([name, { summary }]) => [`leasehold ${name}`, summary]))];
}

/** One command's page. */
export function commandHelp(name: string, command: Command): string[] {
  const options = Object.entries(command.options ?? {}).map(([option, { value, short, what, required, many }]) => {
    const spelled = `${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`;
    const extras = [...(required ? ['required'] : []), ...(many ? ['may be repeated'] : [])];
    return [spelled, extras.length > 0 ? `${what} (${extras.join(', ')})` : what] as const;
  });
  const usage = [
    'leasehold',
    name,
    ...(command.args ?? []),
    '[OPTIONS]',
    ...(command.rest ? [`-- ${command.rest}`] : []),
  ];
  return [
    COMMANDS[name]?.summary ?? '',
    '',
    `Usage: ${usage.join(' ')}`,
    '',
    ...columns([...options, ['--json', 'Answer in JSON'], ['--help', 'Show this page']]),
    ...(command.notes ? ['', ...command.notes] : []),
  ];
}
