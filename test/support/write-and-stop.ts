import { fileURLToPath } from 'node:url';
import { forkSource } from './run-source.js';

const WRITER = fileURLToPath(new URL('./store-writer.ts', import.meta.url));

/** Lets a process of its own write to the store until it has had `enough` acknowledgements, then calls `stop` (which
 * pulls the plug) and kills it. Answers everything that was acknowledged before. */
export async function writeAndStop(
  args: readonly [url: string, account: string, prefix: string, careless?: string],
  enough: number,
  stop: () => void = () => undefined,
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
    stop();
    child.kill('SIGKILL');
  });
  await ended;
  if (!stopped) throw new Error(`The writer ended by itself: ${errors}`);
  // The last line may be cut: it was never whole on the pipe, so it was not acknowledged to us.
  return out.split('\n').slice(1, -1);
}
