import { main } from '../../packages/cli/src/index.js';

export interface Typed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process with what a person would type. */
export async function typed(...words: string[]): Promise<Typed> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await main(words, { out: (line) => void out.push(line), err: (line) => void err.push(line) });
  return { status, out: out.join('\n'), err: err.join('\n') };
}
