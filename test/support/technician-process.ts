import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLicense, type LicenseOptions, type TechnicianRequest } from '@leasehold/sdk';
import { undiciWire } from '../../packages/sdk/src/wire/wire.js';
import { machineNamed } from './hardware.js';

/** A technician who starts sessions again and again, in a process of his own: he is held up at random, loses replies, forgets
 * to end. Each piece of work that he starts is one line of the log, written in the moment in which he may: his name, the
 * fence that he starts under, the time. */
const [name, clockFile, log, seed, options, request] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const wall = (): number => Number(readFileSync(clockFile, 'utf8'));
const wire = undiciWire({});
const random = generator(Number(seed));
/** A reply that is lost was worked on all the same. */
const lossy: typeof wire = {
  ...wire,
  send: async (call) => {
    const reply = await wire.send(call);
    if (random() < 0.15) throw Object.assign(new Error('the reply was lost'), { code: 'ECONNRESET' });
    return reply;
  },
  close: () => wire.close(),
};

const license = await openLicense({
  ...(JSON.parse(options) as LicenseOptions),
  testing: {
    ...(JSON.parse(options) as LicenseOptions).testing,
    ...machineNamed(name),
    wire: lossy,
    clock: { wall, read: () => ({ wall: wall(), uptime: wall() % 1_000_000_000, bootId: name }) },
  },
});
process.send?.('ready');

for (;;) {
  await sleep(random() * 20);
  const outcome = await license.technician.start(JSON.parse(request) as TechnicianRequest);
  if (!outcome.started) continue;
  const { session } = outcome;
  for (let job = 0; job < 3; job += 1) {
    const guarded = await session.guard();
    if (!guarded.allowed) break;
    const at = wall();
    if (at >= Date.parse(guarded.until)) break;
    const line = { name, fence: session.fence, at };
    write(line);
    // Held up in this very line: the work had not begun yet.
    if (wall() - at > 60_000) write({ ...line, void: true });
    else process.send?.('started');
    await sleep(random() * 20);
  }
  // Now and then the stick is pulled out without a word.
  if (random() < 0.9) await session.end();
}

function write(line: object): void {
  appendFileSync(log, `${JSON.stringify(line)}\n`);
}

function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
