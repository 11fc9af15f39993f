import type { Message } from '@leasehold/protocol';
import type { Status } from '@leasehold/sdk';
import type { Io } from '../command.js';

const WORDS: Readonly<Record<Status['state'], string>> = {
  licensed: 'licensed',
  offline: 'licensed; the authority does not answer',
  lapsed: 'the lease has ended: new backups wait for a contact',
  denied: 'the authority said no',
  not_activated: 'not activated',
  damaged: 'what was held cannot be verified any more',
};

/** The state of an agent for a person. */
export function printStatus(status: Status | Message<'LocalStatus'>, io: Io): void {
  const lines: readonly (readonly [string, string | null])[] = [
    ['State', WORDS[status.state]],
    [
      'Backup',
      `${status.backup.decision} (${status.backup.reason_rule}${status.backup.code ? `, ${status.backup.code}` : ''})`,
    ],
    ['Restore', status.restores],
    ['License', status.license],
    ['Instance', status.instance],
    ['Offline until', status.offlineUntil],
    ['Renewal grace until', status.renewalGraceUntil],
    ['Shortage grace until', status.shortageGraceUntil],
    ['Replace key until', status.replaceKeyUntil],
    ['Last contact', status.lastContact],
    ['Next contact', status.nextContact],
    ['Clock', status.clock === 'ok' ? null : status.clock],
    ['Machine', status.machine === 'same' ? null : status.machine],
  ];
  for (const [name, value] of lines) if (value !== null) io.out(`${name.padEnd(22)}${value}`);
  for (const { code, message, remedy } of status.problems) {
    io.err(`${code}: ${message}`);
    io.err(`  ${remedy}`);
  }
}
