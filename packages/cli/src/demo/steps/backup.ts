import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '../../command.js';
import { findEngine } from '../engine.js';
import { differences, measure, writeDemoFolder } from '../folder.js';
import { leasehold } from '../leasehold.js';
import { must, type Step, type Story } from '../story.js';

/** Backs the demo folder up, as a product or a cron job would: the engine runs only when the license allows it. */
export async function gatedBackup({ place, engine }: Pick<Story, 'place' | 'engine'>): Promise<number> {
  const gate = ['run', '--config', place.agentConfig, '--measure', place.data];
  const { status, output } = await leasehold([...gate, '--', ...engine.backup()], place.data);
  if (status !== 0 && status !== EXIT.refused)
    throw new Error(`the backup ended with status ${status}: ${output.trim()}`);
  if (status === 0) await engine.seal();
  return status;
}

export const backupStep: Step = {
  title: 'A real backup runs behind the license, and comes back byte for byte',
  async run(story) {
    const { screen, place } = story;
    await writeDemoFolder(place.data);
    const engine = await findEngine(place.backups);
    await engine.prepare();
    must((await gatedBackup({ place, engine })) === 0, 'the licensed backup was refused');
    const { files, bytes } = await measure(place.data);
    screen.done(`leasehold run -- ${engine.name}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB backed up.`);

    await engine.restore(place.restored);
    const differ = await differences(place.data, place.restored);
    must(differ.length === 0, `these differ after the restore: ${differ.join(', ')}`);
    screen.done('Restored into another folder and compared: every byte is the same.');

    await refuseElsewhere(story);
    return { engine };
  },
};

/** The same command on an installation without a license: status 77, and the engine is never started. */
async function refuseElsewhere({ screen, place, agent }: Story): Promise<void> {
  const config = join(place.folder, 'unlicensed.json');
  const trace = join(place.folder, 'engine-was-started');
  await writeFile(config, JSON.stringify({ ...agent, stateDir: join(place.folder, 'unlicensed') }), { mode: 0o644 });
  const touch = `require('node:fs').writeFileSync(${JSON.stringify(trace)}, '')`;
  const { status, output } = await leasehold(
    ['run', '--config', config, '--', process.execPath, '-e', touch],
    place.folder,
  );
  must(status === EXIT.refused && !existsSync(trace), `an unlicensed backup ended with ${status}: ${output.trim()}`);
  screen.refused('The same without a license ends with status 77, and the engine was not started.');
  screen.note(output.trim().split('\n')[0] ?? '');
}
