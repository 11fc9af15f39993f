import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { openLicense } from '@leasehold/sdk';
import { leasehold } from '../leasehold.js';
import { must, type Step, type Story } from '../story.js';
import { gatedBackup } from './backup.js';

const HOUR = 3_600_000;

export const outageStep: Step = {
  title: 'The authority is gone: backups go on until the lease ends, restores always',
  async run(story) {
    const { screen, place, authority } = story;
    await authority.stop();
    must((await gatedBackup(story)) === 0, 'a backup was refused while the lease still runs');
    const { output } = await leasehold(['status', '--config', place.agentConfig, '--json'], place.folder);
    const { offlineUntil } = JSON.parse(output) as { offlineUntil: string };
    screen.done(`A second backup ran without it. Offline until ${offlineUntil}.`);
    await lookPast(story, Date.parse(offlineUntil) + HOUR);
    return {};
  },
};

/** The same state, one hour after its lease has ended. It is a copy, so that the time that is played is not remembered. */
async function lookPast({ screen, place, agent }: Story, wall: number): Promise<void> {
  const stateDir = join(place.folder, 'agent-later');
  await cp(place.agentState, stateDir, { recursive: true });
  const uptime = process.uptime() * 1000;
  const clock = { wall: () => wall, read: () => ({ wall, uptime, bootId: null }) };
  const license = await openLicense({ ...agent, stateDir, testing: { clock } });
  try {
    const backup = license.authorize({ action: 'backup', machine: 'self', scope: 'file' });
    const restore = license.authorize({ action: 'restore', machine: 'self' });
    const { sentence, rule, cure } = backup.explain();
    must(!backup.allowed, 'a backup was allowed after the lease had ended');
    screen.refused(`With the clock put past it, a backup is refused by ${rule}: ${sentence}`);
    screen.note(cure);
    must(restore.allowed, 'a restore was refused');
    screen.done(`A restore is still allowed (${restore.reason_rule}).`);
  } finally {
    await license.close();
  }
}
