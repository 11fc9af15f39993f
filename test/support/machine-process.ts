import { readFileSync } from 'node:fs';
import { openLicense, type LicenseOptions } from '@leasehold/sdk';
import { machineNamed } from './hardware.js';

/** One machine with an agent, in a process of its own: its hardware is named, its clock stands in a file, and whoever forked
 * it calls the license by messages `{id, call, args}`. */
const [hardware, installation, clockFile, text, uuid] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string?,
];
const wall = (): number => Number(readFileSync(clockFile, 'utf8'));
const options = JSON.parse(text) as LicenseOptions & { testing: { socket: { runFolder: string } } };

const license = await openLicense({
  ...options,
  testing: {
    ...options.testing,
    ...machineNamed(hardware, {}, installation, uuid),
    clock: { wall, read: () => ({ wall: wall(), uptime: wall() % 1_000_000_000, bootId: hardware }) },
  },
});

type Calls = Readonly<Record<string, (argument: never) => unknown>>;
const calls: Calls = {
  status: () => license.status(),
  check: () => license.check(),
  authorize: (request: Parameters<typeof license.authorize>[0]) => license.authorize(request),
  record: (record: Parameters<typeof license.usage.record>[0]) => license.usage.record(record),
  recoveryProof: () => license.recoveryProof(),
  use: (use: Parameters<typeof license.media.use>[0]) => license.media.use(use),
  codes: (use: Parameters<typeof license.media.codes>[0]) => license.media.codes(use),
  stamp: (request: Parameters<typeof license.media.stamp>[0]) => license.media.stamp(request),
  inventory: (told: Parameters<typeof license.inventory.report>) => license.inventory.report(...told),
  close: () => license.close(),
};

async function answer(message: { id: number; call: string; argument: never }): Promise<void> {
  const found = await calls[message.call]?.(message.argument);
  // Functions of an answer (explain) stay here.
  process.send?.({ id: message.id, answer: JSON.parse(JSON.stringify(found ?? null)) as unknown });
}

process.on('message', (message) => void answer(message as never));
process.send?.({ id: 0 });
