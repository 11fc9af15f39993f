// What our scripts put on the screen: short lines, colors only on a terminal, NO_COLOR respected.

const colored = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const paint = (code) => (text) => (colored ? `\u001b[${code}m${text}\u001b[0m` : String(text));

export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

/** A problem that the reader can act on: a stable code, what happened, what to do next. */
export class ScriptProblem extends Error {
  constructor(code, message, nextStep) {
    super(message);
    this.code = code;
    this.nextStep = nextStep;
  }
}

export const say = (text = '') => process.stdout.write(`${text}\n`);

// With --json the standard output belongs to the one object; progress goes beside it.
const progress = process.argv.includes('--json') ? process.stderr : process.stdout;

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Runs one step and prints one line for it: mark, label, what came out, time. Throws what the step threw. */
export async function step(label, work) {
  const started = Date.now();
  const live = progress.isTTY && !process.env.CI;
  if (live) progress.write(`… ${label}`);
  const line = (mark, note) =>
    progress.write(
      `${live ? '\r\u001b[K' : ''}${mark} ${label}${note ? ` ${dim(note)}` : ''} ${dim(seconds(started))}\n`,
    );
  try {
    const note = await work();
    line(green('✓'), typeof note === 'string' ? note : '');
    return note;
  } catch (error) {
    line(red('✗'), '');
    throw error;
  }
}

/** Prints a failure: its code and cause, then the next step. */
export function sayProblem(error) {
  const code = error.code ? `${error.code}: ` : '';
  console.error(red(`${code}${error.message}`));
  if (error.nextStep) console.error(error.nextStep);
}

/** Runs a script's main function; any failure becomes a readable problem and exit status 1. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    if (error instanceof ScriptProblem) sayProblem(error);
    else console.error(error);
    process.exitCode = 1;
  }
}
