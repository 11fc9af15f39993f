import { createReadStream } from 'node:fs';
import { formatCsv, STATEMENT_COLUMNS, statementCells, verifyStatement } from '@leasehold/protocol';
import { EXIT, type Command } from '../command.js';
import { ed25519, sha256 } from '../ed25519.js';
import { readPublicKey } from '../key-file.js';
import { unreadable } from '../read-file.js';

export const command: Command = {
  args: ['FILE'],
  options: {
    root: { what: 'Public root key of the vendor: file or JWK', value: 'KEY', required: true, many: true },
    csv: { what: 'Print the records as CSV' },
  },
  notes: [
    'FILE is what `leasehold admin usage statement` printed. Nothing goes online: the root key is all that is trusted.',
    'Exit status 1 when the statement was edited or is not of this vendor. A file of any length is read line by line.',
  ],
  async run(given, io) {
    const file = given.args[0] ?? '';
    const roots = await Promise.all(given.all('root').map(readPublicKey));
    const claims = await verifyStatement(textOf(file), roots, { ed25519, sha256 });
    if (given.has('csv')) {
      const print = (cells: Parameters<typeof formatCsv>[0]): void => io.out(formatCsv(cells).slice(0, -1));
      print(STATEMENT_COLUMNS);
      // Read again, because no record is printed before the seal has spoken for it.
      await verifyStatement(textOf(file), roots, { ed25519, sha256 }, (records) => {
        for (const record of records) print(statementCells(claims, record));
      });
    } else if (given.json) io.out(JSON.stringify(claims));
    else {
      const { companyName, companyId, month, timeZone, complete, totals } = claims;
      io.out(`Genuine: usage of ${companyName ?? companyId ?? 'machines of no company'} in ${month} (${timeZone})`);
      io.out(`Signed   ${new Date(claims.iat * 1000).toISOString()}${complete ? '' : ', before the month was over'}`);
      io.out(`Totals   ${totals.machines} machines, ${totals.jobs} jobs, ${totals.bytes} bytes`);
    }
    return EXIT.ok;
  },
};

async function* textOf(file: string): AsyncGenerator<string, void, undefined> {
  try {
    yield* createReadStream(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}
