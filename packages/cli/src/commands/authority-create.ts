import { rm } from 'node:fs/promises';
import { createRoot, provisionAuthority } from '@leasehold/authority';
import { formatConnection } from '@leasehold/protocol';
import { ACCOUNT_OPTIONS, PLACE_OPTIONS, readAccount, readOrigin, readPlace } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';
import { writeNewFile } from '../write-file.js';

export const command: Command = {
  options: {
    ...PLACE_OPTIONS,
    ...ACCOUNT_OPTIONS,
    root: { what: 'File for the private root key', value: 'FILE', required: true },
    url: { what: 'Where it will be reached; answers the connection string too', value: 'URL' },
  },
  notes: [
    'Makes root, signing key, keyset, account and first owner in one go, for trials and small sites. Move the root key to',
    'a machine that is never online. A vendor makes the root there in the first place: leasehold root create, keyset key,',
    'keyset sign, keyset install, account create.',
  ],
  async run(given, io) {
    const url = readOrigin(given);
    const [place, account] = [readPlace(given), await readAccount(given)];
    const rootFile = given.get('root') ?? '';
    const root = await createRoot();
    // The root first: an authority whose root could not be kept is one that nobody can ever sign for again.
    await writeNewFile(rootFile, JSON.stringify(root, null, 2), 0o600);
    const { rootJwk, ownerToken } = await provisionAuthority(place, account, Date.now(), root).catch(
      async (thrown: unknown) => {
        await rm(rootFile, { force: true });
        throw thrown;
      },
    );
    const connection = url === undefined ? undefined : formatConnection({ url, roots: [rootJwk.x], token: ownerToken });
    if (given.json) io.out(JSON.stringify({ root: rootJwk, ownerToken, connection }));
    else {
      io.out(`Root key, pin it in the SDK call: ${JSON.stringify(rootJwk)}`);
      io.out(`Token of the owner, shown this once: ${ownerToken}`);
      if (connection !== undefined) io.out(`Connection string of the console: ${connection}`);
    }
    return EXIT.ok;
  },
};
