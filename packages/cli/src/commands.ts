import type { Command } from './command.js';

/** A row of the command's table; the module is loaded only when its command is asked for. */
export interface Row {
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

/** Every command by the words that call it. */
export const COMMANDS: Readonly<Record<string, Row>> = {
  decide: {
    summary: 'Judge cases of a file by the license rules',
    load: () => import('./commands/decide.js'),
  },
  advise: {
    summary: 'The same, with the steps that would cure each shortage',
    load: () => import('./commands/advise.js'),
  },
};
