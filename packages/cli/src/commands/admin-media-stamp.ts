import { CONNECTION_OPTION, readConnection } from '../admin/connection-file.js';
import { printReply } from '../admin/print-reply.js';
import { membersOf, readCount } from '../admin/values.js';
import { assertFolder, writeMedium } from '../agent/medium.js';
import { EXIT, type Command } from '../command.js';
import { FROM_INPUT, orFromInput } from '../from-input.js';

export const command: Command = {
  options: {
    media: { what: 'Id of the medium', value: 'ID', required: true },
    base: { what: 'linux or winpe', value: 'BASE', required: true },
    licensee: { what: 'For whom', value: 'NAME', required: true },
    technician: { what: 'The technician whose medium it is', value: 'ID' },
    pin: { what: `The PIN that he proves himself by (${FROM_INPUT})`, value: 'PIN' },
    days: { what: 'How long it is valid (365)', value: 'DAYS' },
    to: { what: 'Write it onto the medium mounted there (otherwise it is printed)', value: 'DIR' },
    ...CONNECTION_OPTION,
  },
  notes: [
    'With --to the passport and the keyset it is verified by are written into DIR/leasehold, as `leasehold media stamp` does',
    'on a licensed machine. Stamping a medium again renews it.',
  ],
  async run(given, io) {
    const to = given.get('to');
    if (to !== undefined) await assertFolder(to);
    const { AdminClient } = await import('../admin/client.js');
    const client = new AdminClient(await readConnection(given.get('connection')));
    const names = { media: 'media', base: 'base', licensee: 'licensee', technician: 'technician' };
    const pin = given.get('pin');
    const body = {
      ...membersOf(given, names),
      ...(pin === undefined ? {} : { pin: await orFromInput(pin, '--pin') }),
      validDays: readCount(given, 'days', 365),
    };
    const stamped = await client.call({ route: 'mediaStamp', body });
    if (to === undefined) {
      if (given.json) io.out(JSON.stringify(stamped));
      else printReply(stamped, io);
      return EXIT.ok;
    }
    const { keyset } = await client.call({ route: 'keyset' });
    const { passport, ...about } = stamped;
    const files = await writeMedium(to, { passport: passport as string, keyset: keyset as string });
    if (given.json) io.out(JSON.stringify({ ...about, files }));
    else for (const file of files) io.out(`Written: ${file}`);
    return EXIT.ok;
  },
};
