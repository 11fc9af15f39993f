import { CONNECTION_OPTION, writeConnection } from '../admin/connection-file.js';
import { EXIT, type Command } from '../command.js';
import { orFromInput } from '../from-input.js';

export const command: Command = {
  args: ['STRING'],
  options: CONNECTION_OPTION,
  notes: [
    'STRING is what the authority shows once for each token; - reads it from the input, where no list of processes shows it.',
    'It is kept for this user alone (mode 600).',
  ],
  async run(given, io) {
    const file = await writeConnection(await orFromInput(given.args[0] ?? '', 'STRING'), given.get('connection'));
    io.out(given.json ? JSON.stringify({ file }) : `Kept in ${file}.`);
    return EXIT.ok;
  },
};
