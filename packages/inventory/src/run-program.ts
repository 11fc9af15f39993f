import { execFile } from 'node:child_process';
import { InventoryError } from './problem.js';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Who is asked, for problems: no credentials in it. */
  readonly place: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** 10,000 guests at 37 bytes are far below it. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/** Runs a program to its end and answers what it wrote. Without a terminal, so that a question for a password fails at once
 * and does not wait. @throws InventoryError TOOL_MISSING, TIMEOUT, UNREACHABLE */
export function runProgram({ file, args, place, timeoutMs, signal }: Program): Promise<string> {
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: MAX_OUTPUT,
    env: { ...process.env, LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (failure, out, err) => {
      if (failure === null) resolve(out);
      else if (signal?.aborted === true) reject(signal.reason as Error);
      else reject(problemOf(failure, err, { file, place, timeoutMs }));
    });
    child.stdin?.end();
  });
}

function problemOf(
  failure: Error & { code?: string | number | null; killed?: boolean },
  err: string,
  { file, place, timeoutMs }: Pick<Program, 'file' | 'place' | 'timeoutMs'>,
): InventoryError {
  if (failure.code === 'ENOENT') {
    return new InventoryError(
      'TOOL_MISSING',
      `${file} is not installed here.`,
      `Install it, or ask ${place} from elsewhere.`,
    );
  }
  if (failure.killed === true) {
    const message = `${place} did not answer within ${timeoutMs / 1000} s.`;
    return new InventoryError('TIMEOUT', message, 'Look whether it hangs; what was reported before stands.');
  }
  const said = err.trim().split('\n').at(-1) ?? '';
  const refused = /authentication|permission denied|access denied|not authorized/i.test(err);
  const code = refused ? 'REFUSED' : 'UNREACHABLE';
  const remedy = refused ? 'Give this user the right to read it.' : 'Check the address, and that it runs.';
  return new InventoryError(code, `${place} cannot be asked: ${said.replace(/^error:\s*/, '')}`, remedy);
}
