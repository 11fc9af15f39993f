import { askRunning } from '../agent/ask-running.js';
import { withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: [
    'Exit status 1 unless a new backup would be allowed now. A running agent is asked, by any user of this machine; where',
    'none runs, its state is read. It never goes online.',
  ],
  async run(given, io) {
    const running = await askRunning(given, 'status');
    const status = running ?? (await withLicense(given, async (license) => license.status()));
    if (given.json) io.out(JSON.stringify(status));
    else printStatus(status, io);
    const { decision } = status.backup;
    return decision === 'allow' || decision === 'warn' ? EXIT.ok : EXIT.failed;
  },
};
