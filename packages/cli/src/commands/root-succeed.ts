import { signSuccessor } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';
import { readPublicKey, readRoot } from '../key-file.js';
import { writeNewFile } from '../write-file.js';

export const command: Command = {
  options: {
    root: { what: 'File of the private root key that is pinned now', value: 'FILE', required: true },
    next: { what: 'Public key of the root after it: file or JWK', value: 'KEY', required: true },
    out: { what: 'File for its word', value: 'FILE', required: true },
  },
  notes: [
    'For installations that cannot get a new build: they take the word as a file (leasehold import) and believe both roots',
    'from then on. Whoever ships a new build pins two roots in it instead.',
  ],
  async run(given, io) {
    const next = await readPublicKey(given.get('next') ?? '');
    const word = await signSuccessor(await readRoot(given.get('root') ?? ''), next, Date.now());
    const file = given.get('out') ?? '';
    await writeNewFile(file, word, 0o644);
    io.out(
      given.json ? JSON.stringify({ file, next: next.kid }) : `Signed ${file}: ${next.kid} comes after this root.`,
    );
    return EXIT.ok;
  },
};
