import { rm } from 'node:fs/promises';
import { createRoot } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';
import { publicHalf } from '../key-file.js';
import { writeNewFile } from '../write-file.js';

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
    const [privateFile = '', publicFile] = [given.get('out'), given.get('public')];
    const shown = publicHalf(root);
    await writeNewFile(privateFile, JSON.stringify(root, null, 2), 0o600);
    if (publicFile !== undefined) {
      await writeNewFile(publicFile, JSON.stringify(shown, null, 2), 0o644).catch(async (thrown: unknown) => {
        // Nobody trusts it yet, and half of a pair only stands in the way of the next try.
        await rm(privateFile, { force: true });
        throw thrown;
      });
    }
    io.out(
      given.json ? JSON.stringify({ public: shown }) : `Root key ${shown.kid}\nPin this: ${JSON.stringify(shown)}`,
    );
    return EXIT.ok;
  },
};
