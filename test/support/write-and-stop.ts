import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { forkSource } from './run-source.js';

const WRITER = fileURLToPath(new URL('./store-writer.ts', import.meta.url));

/** Lets a process of its own write to the store until it has had `enough` acknowledgements, then kills it; `stop`, which
 * pulls the plug, is called before that, with the process frozen: a sync that is under way when a file system is shut
 * down may report success (seen on Linux 6.18, 3 times of 75), and no machine without power could pass that on. Answers
 * everything that was acknowledged. */
export async function writeAndStop(
  args: readonly [url: string, account: string, prefix: string, careless?: string],
  enough: number,
  stop?: () => void,
): Promise<string[]> {
  const child = await forkSource(WRITER, args as readonly string[]);
  let out = '';
  let errors = '';
  let stopped = false;
  child.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout!.on('data', (text: Buffer) => {
    out += text.toString();
    if (stopped || out.split('\n').length <= enough) return;
    stopped = true;
    if (stop !== undefined) {
      child.kill('SIGSTOP');
      while (!isFrozen(child.pid!)) continue;
      stop();
    }
    child.kill('SIGKILL');
  });
  await ended;
  if (!stopped) throw new Error(`The writer ended by itself: ${errors}`);
  // The last line may be cut: it was never whole on the pipe, so it was not acknowledged to us.
  return out.split('\n').slice(1, -1);
}

/** Is the main thread, which acknowledges, stopped? Its state is the letter after the name (proc(5)). */
function isFrozen(pid: number): boolean {
  const state = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  return state === 'T' || state === 'Z';
}
