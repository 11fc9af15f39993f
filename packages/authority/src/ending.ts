import { LeaseholdError } from '@leasehold/protocol';
import type { FastifyInstance } from 'fastify';
import type { Services } from './services.js';

/** What goes on beside the calls. */
export interface Background {
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
}

/** How long the rest may still take once the database is known to be away, ms: one that refuses holds up nothing. */
const WITHOUT_DATABASE = 1000;

/** Ends an authority: calls first, then what goes on beside them, then the database. All of it within `stopSeconds`, whatever
 * hangs: what was acknowledged is on disk, and what is left is what a kill would leave too.
 * @throws LeaseholdError TIMEOUT or DATABASE_UNAVAILABLE, where something was left; the log says what */
export async function end(
  app: FastifyInstance,
  { settings, readiness, store }: Services,
  background: readonly Background[],
): Promise<void> {
  const { stopSeconds, log } = settings;
  let left = 'calls';
  const inOrder = async (): Promise<void> => {
    await app.close();
    left = 'background work';
    const rest = async (): Promise<void> => {
      for (const work of background) await work.stop();
      left = 'connections to the database';
      await store.close();
    };
    await readiness.whileReachable(rest(), WITHOUT_DATABASE);
  };
  log({ level: 'info', event: 'stopping' });
  try {
    await within(stopSeconds, inOrder());
    log({ level: 'info', event: 'stopped' });
  } catch (thrown) {
    const { code, message } = LeaseholdError.is(thrown) ? thrown : { code: 'INTERNAL', message: String(thrown) };
    log({ level: 'error', event: 'stopped', left, code, message });
    throw thrown;
  }
}

async function within(seconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const problem = new LeaseholdError('TIMEOUT', `It had not ended after ${seconds} s.`);
    timer = setTimeout(() => reject(problem), seconds * 1000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
