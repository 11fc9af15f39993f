import { installKeyset } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';
import { readPublicKey } from '../key-file.js';
import { readTextFile } from '../read-file.js';

export const command: Command = {
  args: ['FILE'],
  options: {
    data: { what: 'Folder of the authority', value: 'DIR', required: true },
    root: { what: 'Public root key: file or JWK', value: 'KEY', required: true, many: true },
  },
  async run(given, io) {
    const file = given.args[0] ?? '';
    const token = await readTextFile(file);
    const roots = await Promise.all(given.all('root').map(readPublicKey));
    const { iss, epoch, version, exp } = await installKeyset(given.get('data') ?? '', token.trim(), roots);
    const until = new Date(exp * 1000).toISOString();
    const about = { account: iss, epoch, version, until };
    io.out(
      given.json
        ? JSON.stringify(about)
        : `Installed: account ${iss}, epoch ${epoch}, version ${version}, until ${until}.`,
    );
    return EXIT.ok;
  },
};
