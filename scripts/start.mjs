// `npm start`: from a fresh clone to a licensed backup on this machine. Sets up, builds, and plays the main job.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import './node-version.mjs';
import { ROOT } from './run.mjs';
import { bold, dim, main, say } from './screen.mjs';
import { ensurePackages } from './setup.mjs';
import { buildAll } from './build.mjs';

const STATE = join(ROOT, '.leasehold');

function sayWhatComes() {
  const first = !existsSync(join(ROOT, 'node_modules'));
  say(bold('Leasehold: licensing for backup software. From this clone to a licensed backup on this machine.'));
  say(`It takes ${first ? 'two to three minutes' : 'about a minute'}: packages, build, then nine steps.`);
  say(dim(`Writes ${join(ROOT, 'node_modules')}, the dist folders and ${STATE}; nothing outside of the clone.`));
  say();
}

/** The story itself, as the built command plays it; Ctrl-C reaches it directly and it ends in its own order. */
function play() {
  const args = [
    join(ROOT, 'packages/cli/bin/leasehold.mjs'),
    'demo',
    '--dir',
    STATE,
    '--extension',
    join(ROOT, 'extension/dist'),
  ];
  const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.on('close', (status) => resolve(status ?? 1));
  });
}

await main(async () => {
  sayWhatComes();
  await ensurePackages();
  await buildAll();
  return play();
});
