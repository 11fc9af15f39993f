import { createSigningKey } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: { data: { what: 'Folder of the authority', value: 'DIR', required: true } },
  notes: ['The same key is shown again when the folder has one. Its private half never leaves the folder.'],
  async run(given, io) {
    io.out(JSON.stringify(await createSigningKey(given.get('data') ?? '')));
    return EXIT.ok;
  },
};
