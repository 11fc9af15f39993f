import { createRoot } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';
import { publicHalf, writeNewFile } from '../key-file.js';

export const command: Command = {
  options: {
    out: { what: 'File for the private key, for its owner alone', value: 'FILE', required: true },
    public: { what: 'File for the public key', value: 'FILE' },
  },
  notes: [
    'Make it on a machine that never goes online, and keep a copy apart: whoever holds it decides who may license your',
    'product, and without it no new keyset can ever be signed. The public key is what you pin in the SDK call.',
  ],
  async run(given, io) {
    const root = await createRoot();
    await writeNewFile(given.get('out') ?? '', JSON.stringify(root, null, 2), 0o600);
    const shown = publicHalf(root);
    const file = given.get('public');
    if (file !== undefined) await writeNewFile(file, JSON.stringify(shown, null, 2), 0o644);
    io.out(
      given.json ? JSON.stringify({ public: shown }) : `Root key ${shown.kid}\nPin this: ${JSON.stringify(shown)}`,
    );
    return EXIT.ok;
  },
};
