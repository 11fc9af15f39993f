import type { Io } from '../command.js';
import { AuthorityProcess } from './leasehold.js';
import { preparePlace } from './place.js';
import { Screen } from './screen.js';
import { activationStep } from './steps/activation.js';
import { authorityStep } from './steps/authority.js';
import { backupStep } from './steps/backup.js';
import { bootMediaStep } from './steps/boot-media.js';
import { consoleStep } from './steps/console.js';
import { fingerprintStep } from './steps/fingerprint.js';
import { outageStep } from './steps/outage.js';
import { technicianStep } from './steps/technician.js';
import { usageStep } from './steps/usage.js';
import type { Props, Stage, Step, Story } from './story.js';

const STEPS: readonly Step[] = [
  authorityStep,
  fingerprintStep,
  activationStep,
  backupStep,
  usageStep,
  outageStep,
  bootMediaStep,
  technicianStep,
  consoleStep,
];

export interface StoryOptions {
  readonly folder: string;
  readonly extension: string;
  /** End after the last step. */
  readonly once: boolean;
}

/** Plays the main job step by step. Answers whether every step held; the one that did not is named on the screen. */
export async function playStory({ folder, extension, once }: StoryOptions, io: Io): Promise<boolean> {
  const place = await preparePlace(folder);
  const screen = new Screen(io, process.stdout.isTTY && process.env['NO_COLOR'] === undefined);
  const authority = new AuthorityProcess(place.db, folder);
  const release = endWithUs(authority);
  try {
    const held = await playSteps({ screen, place, authority, extension });
    if (held && !once) await stay(screen, authority);
    return held;
  } finally {
    release();
    await authority.stop();
  }
}

async function playSteps(stage: Stage): Promise<boolean> {
  // Each step adds what the next ones need; the first that looks for something missing fails by its own words.
  let props: Partial<Props> = {};
  for (const [index, step] of STEPS.entries()) {
    stage.screen.step(index + 1, step.title);
    try {
      props = { ...props, ...(await step.run({ ...stage, ...props } as Story)) };
    } catch (error) {
      stage.screen.failed(`Step ${index + 1} failed: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
  return true;
}

async function stay(screen: Screen, authority: AuthorityProcess): Promise<void> {
  screen.plain('');
  screen.plain('Ctrl-C ends the authority.');
  await authority.ended();
}

/** A service manager ends us by SIGTERM: the authority must not outlive us. Ctrl-C reaches it from the terminal itself,
 * and we end when it has ended. */
function endWithUs(authority: AuthorityProcess): () => void {
  const onTerm = (): void => void authority.stop().finally(() => process.exit(143));
  const onInterrupt = (): void => void authority.stop().finally(() => process.exit(130));
  process.once('SIGTERM', onTerm).once('SIGINT', onInterrupt);
  return () => void process.off('SIGTERM', onTerm).off('SIGINT', onInterrupt);
}
