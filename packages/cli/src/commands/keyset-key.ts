import { createSigningKey, nextSigningKey } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: {
    data: { what: 'Folder of the authority', value: 'DIR', required: true },
    next: { what: 'The key that will follow the one in use' },
  },
  notes: ['The same key is shown again when the folder has one. Its private half never leaves the folder.'],
  async run(given, io) {
    const make = given.has('next') ? nextSigningKey : createSigningKey;
    io.out(JSON.stringify(await make(given.get('data') ?? '')));
    return EXIT.ok;
  },
};
