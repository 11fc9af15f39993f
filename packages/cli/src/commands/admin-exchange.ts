import { CONNECTION_OPTION, readConnection } from '../admin/connection-file.js';
import { readCount } from '../admin/values.js';
import { EXIT, type Command } from '../command.js';
import { readTextFile } from '../read-file.js';
import { writeWholeFile } from '../write-file.js';

export const command: Command = {
  args: ['FILE'],
  options: {
    days: { what: 'How long the lease is to run (90; at most 400)', value: 'DAYS' },
    out: { what: 'Write the answer there (otherwise it is printed)', value: 'FILE' },
    'dry-run': { what: 'Say what would be answered and change nothing' },
    ...CONNECTION_OPTION,
  },
  notes: ['FILE is what `leasehold request` wrote on the machine. Each is answered once.'],
  async run(given, io) {
    const { AdminClient } = await import('../admin/client.js');
    const client = new AdminClient(await readConnection(given.get('connection')));
    const file = await readTextFile(given.args[0] ?? '');
    const body = { file, leaseDays: readCount(given, 'days', 90), dryRun: given.has('dry-run') };
    const { file: answer, ...about } = await client.call({ route: 'exchange', body });
    const out = given.get('out');
    if (out !== undefined && typeof answer === 'string') await writeWholeFile(out, answer, 0o600);
    if (given.json) io.out(JSON.stringify(out === undefined ? { ...about, file: answer } : { ...about, out }));
    else {
      if (out === undefined && typeof answer === 'string') io.out(answer.trimEnd());
      io.err(JSON.stringify(about));
    }
    return EXIT.ok;
  },
};
