#!/usr/bin/env node
// The command's door. It is not built, so that npm can link it into a fresh clone before anything is.
import { existsSync } from 'node:fs';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

const built = new URL('../dist/index.js', import.meta.url);
const [major, minor, patch] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && (minor < 18 || (minor === 18 && patch < 1)))) {
  console.error(
    `NODE_TOO_OLD: this is Node ${process.versions.node}; leasehold needs 20.18.1 or newer (https://nodejs.org).`,
  );
  process.exitCode = 1;
} else if (existsSync(built)) {
  // Whoever reads our output may stop early: `leasehold decide FILE | head`.
  process.stdout.on('error', (error) => {
    if (isServing) return;
    if (error.code !== 'EPIPE') console.error(`The output cannot be written: ${error.message}.`);
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  // An authority serves also while nothing takes its log: the disk of the file is full, its reader is started anew.
  const isServing = process.argv[2] === 'serve';
  process.stderr.on('error', () => undefined);
  // For each address of a name but the last: in Node's quarter of a second no line by satellite, nor to another continent,
  // connects, and where no IPv6 leads out nothing is left to try then.
  setDefaultAutoSelectFamilyAttemptTimeout(2500);
  const { main, terminal } = await import(built.href);
  process.exitCode = await main(process.argv.slice(2), terminal);
} else {
  console.error('NOT_BUILT: the command is not built yet. In the clone run: npm run build');
  process.exitCode = 1;
}
