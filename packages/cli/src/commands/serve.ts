import {
  startAuthority,
  type Authority,
  type LogLine,
  type MailOptions,
  type PaymentOptions,
} from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { readCount } from '../admin/values.js';
import { PLACE_OPTIONS, readPlace } from '../authority-place.js';
import { readJsonFile } from '../read-json-file.js';
import { EXIT, type Command, type Io } from '../command.js';

export const command: Command = {
  options: {
    ...PLACE_OPTIONS,
    port: { what: 'Port to listen on (8410; 0: any free one)', value: 'N' },
    host: { what: 'Address to listen on (127.0.0.1)', value: 'ADDRESS' },
    mail: {
      what: 'JSON file {url, from}: the mail server, with its password, and the address to send from',
      value: 'FILE',
    },
    payments: { what: 'JSON file that says how orders are paid beside by invoice', value: 'FILE' },
    'public-url': { what: 'Origin under which agents reach it, behind a proxy', value: 'URL' },
  },
  notes: [
    'A new place is made by `leasehold authority create`. SIGTERM ends it after what is under way; SIGHUP takes up a new',
    'keyset. The first line of the output says where it listens; the log goes to standard error, one JSON object a line.',
  ],
  async run(given, io) {
    const publicUrl = given.get('public-url');
    const payments = given.get('payments');
    const mail = given.get('mail');
    const authority = await startAuthority({
      ...readPlace(given),
      port: readCount(given, 'port', 8410),
      host: given.get('host') ?? '127.0.0.1',
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(payments === undefined ? {} : { payments: (await readJsonFile(payments)) as PaymentOptions }),
      ...(mail === undefined ? {} : { mail: readMail(await readJsonFile(mail)) }),
      log: (line) => io.err(JSON.stringify({ at: new Date().toISOString(), ...line })),
    });
    const { url, account } = authority;
    io.out(given.json ? JSON.stringify({ url, account }) : `Authority of ${account} on ${url}`);
    await untilStopped(authority, io);
    return EXIT.ok;
  },
};

/** Throws INPUT_INVALID. A file, because the address of the server holds a password, which a process list would show. */
function readMail(value: unknown): MailOptions {
  const { url, from } = (value ?? {}) as Partial<Record<keyof MailOptions, unknown>>;
  if (typeof url === 'string' && /^smtps?:\/\//.test(url) && typeof from === 'string' && from.includes('@'))
    return { url, from };
  throw new LeaseholdError('INPUT_INVALID', 'The mail file does not say from where and through which server to send.', {
    path: 'mail',
    remedy: 'Write {"url": "smtps://user:password@mail.example", "from": "licenses@acme.example"} into it.',
  });
}

function untilStopped(authority: Authority, io: Io): Promise<void> {
  const log = (line: LogLine): void => io.err(JSON.stringify({ at: new Date().toISOString(), ...line }));
  const reload = (): void => {
    authority.reloadKeyset().then(
      () => log({ level: 'info', event: 'keyset_reloaded' }),
      (error: Error) => log({ level: 'error', event: 'keyset_refused', message: error.message }),
    );
  };
  return new Promise((resolve, reject) => {
    const stop = (): void => void authority.close().then(resolve, reject);
    process.once('SIGTERM', stop).once('SIGINT', stop).on('SIGHUP', reload);
  });
}
