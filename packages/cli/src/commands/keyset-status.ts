import { keysetStatus } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';
import { readPublicKey } from '../key-file.js';
import { readTextFile } from '../read-file.js';

export const command: Command = {
  args: ['FILE'],
  options: { root: { what: 'Public root key: file or JWK', value: 'KEY', required: true, many: true } },
  notes: ['Exit status 1 once it has ended; from 90 days before it says so.'],
  async run(given, io) {
    const file = given.args[0] ?? '';
    const token = await readTextFile(file);
    const roots = await Promise.all(given.all('root').map(readPublicKey));
    const { keyset, daysLeft, state } = await keysetStatus(token.trim(), roots, Date.now());
    const { iss: account, epoch, version, exp } = keyset;
    const about = {
      account,
      epoch,
      version,
      keys: keyset.keys.map((key) => key.kid),
      until: new Date(exp * 1000).toISOString(),
      daysLeft,
      state,
    };
    if (given.json) io.out(JSON.stringify(about));
    else for (const [name, value] of Object.entries(about)) io.out(`${name.padEnd(8)}  ${String(value)}`);
    return state === 'ended' ? EXIT.failed : EXIT.ok;
  },
};
