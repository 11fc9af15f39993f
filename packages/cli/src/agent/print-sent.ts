import type { License } from '@leasehold/sdk';
import type { Io } from '../command.js';

type Sent = ReturnType<License['diagnostics']>['sent'];

/** What leaves a machine, for a person: a line for each member, by its place. */
export function printSent({ to, activation, checkIn }: Sent, io: Io): void {
  io.out(`To the authority: ${to ?? 'none is set, nothing leaves'}`);
  io.out('Components are hashes, keyed by the product; each request is signed by the device key.');
  io.out('With an activation:');
  printMembers(activation, io);
  io.out('With each check-in:');
  if (checkIn === null) io.out('  nothing: no license is held');
  else printMembers(checkIn, io);
}

function printMembers(members: object, io: Io, place = ''): void {
  for (const [name, value] of Object.entries(members) as [string, unknown][]) {
    const path = place === '' ? name : `${place}.${name}`;
    if (typeof value === 'object' && value !== null) printMembers(value, io, path);
    else io.out(`  ${path.padEnd(38)} ${String(value)}`);
  }
}
