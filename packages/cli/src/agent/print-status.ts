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

const CLOCKS: Readonly<Record<Exclude<Status['clock'], 'ok'>, string>> = {
  behind: 'behind: it stands before a time that was trusted; correct it',
  ahead: 'ahead: it jumped further than time went by; correct it, or let the machine reach its authority',
  rolled_back: 'set back: what ends counts from the last trusted time; correct it',
};

const NOT_ACTIVATED = {
  code: 'NOT_ACTIVATED',
  message: 'This installation holds no license yet.',
  remedy: 'Activate it with its license key: leasehold activate LH-…',
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
    ['Clock', status.clock === 'ok' ? null : CLOCKS[status.clock]],
    ['Machine', status.machine === 'same' ? null : status.machine],
  ];
  for (const [name, value] of lines) if (value !== null) io.out(`${name.padEnd(22)}${value}`);
  // No problem, and yet there is something to do.
  const unlicensed = status.state === 'not_activated' && status.problems.length === 0;
  for (const { code, message, remedy } of unlicensed ? [NOT_ACTIVATED] : status.problems) {
    io.err(`${code}: ${message}`);
    io.err(`  ${remedy}`);
  }
}
