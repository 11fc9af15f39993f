import { guards, LeaseholdError, statementCsv, verifyStatement } from '@leasehold/protocol';
import { EXIT, type Command } from '../command.js';
import { ed25519 } from '../ed25519.js';
import { readPublicKey } from '../key-file.js';
import { readJsonFile } from '../read-json-file.js';

export const command: Command = {
  args: ['FILE'],
  options: {
    root: { what: 'Public root key of the vendor: file or JWK', value: 'KEY', required: true, many: true },
    csv: { what: 'Print the lines as CSV' },
  },
  notes: [
    'FILE is what `leasehold admin usage statement --json` printed. Nothing goes online: the root key is all that is',
    'trusted. Exit status 1 when the statement was edited or is not of this vendor.',
  ],
  async run(given, io) {
    const file = given.args[0] ?? '';
    const value = await readJsonFile(file);
    if (!guards.isStatementReply(value)) {
      throw new LeaseholdError('INPUT_INVALID', `${file} holds no statement.`, {
        path: file,
        remedy: 'Give the file as it was handed over: an object with statement and keyset.',
      });
    }
    const roots = await Promise.all(given.all('root').map(readPublicKey));
    const claims = await verifyStatement(value, roots, ed25519);
    if (given.has('csv')) io.out(statementCsv(claims).trimEnd());
    else if (given.json) io.out(JSON.stringify(claims));
    else {
      const { companyName, companyId, month, timeZone, complete, totals } = claims;
      io.out(`Genuine: usage of ${companyName ?? companyId ?? 'machines of no company'} in ${month} (${timeZone})`);
      io.out(`Signed   ${new Date(claims.iat * 1000).toISOString()}${complete ? '' : ', before the month was over'}`);
      io.out(`Totals   ${totals.machines} machines, ${totals.jobs} jobs, ${totals.bytes} bytes`);
    }
    return EXIT.ok;
  },
};
