import { startAuthority, type Authority, type LogLine } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';
import { logger } from '../serve/log.js';
import { optionsOf, readSettings, SETTING_OPTIONS, shown, strayVariables } from '../serve/settings.js';

export const command: Command = {
  options: { ...SETTING_OPTIONS, 'print-config': { what: 'Show every setting and who said it, without secrets' } },
  notes: [
    'A setting is taken from its flag, else from its variable (--tls-cert is LEASEHOLD_TLS_CERT), else from the file, else',
    'it is the default in brackets. A new place is made by `leasehold authority create`. SIGTERM ends it after what is under',
    'way; SIGHUP takes up a new keyset and certificate. The first line of the output says where it listens; the log goes to',
    'standard error, one JSON object a line.',
  ],
  async run(given, io) {
    const settings = await readSettings(given, process.env);
    const log = logger(io, settings['log-level']!);
    for (const stray of strayVariables(process.env)) log({ level: 'warn', event: 'variable.unknown', ...stray });
    if (given.has('print-config')) {
      io.out(JSON.stringify(shown(settings), null, given.json ? undefined : 2));
      return EXIT.ok;
    }
    // The driver of PostgreSQL warns in paragraphs, and the log is one object a line.
    process.removeAllListeners('warning').on('warning', ({ name, message }) => {
      log({ level: 'warn', event: 'warning', name, message });
    });
    // As service managers and runbooks call it; the process would be one more `node`, with the database's address beside it.
    process.title = 'leasehold';
    const starting = startAuthority({ ...(await optionsOf(settings)), log });
    const stopped = untilStopped(starting, log);
    const { url, account } = await starting;
    // Whoever reads this line may send a signal at once.
    io.out(given.json ? JSON.stringify({ url, account }) : `Authority of ${account} on ${url}`);
    await stopped;
    return EXIT.ok;
  },
};

/** Heeds the signals from now on: the first process of a container gets none that it does not listen for. */
function untilStopped(starting: Promise<Authority>, log: (line: LogLine) => void): Promise<void> {
  let authority: Authority | undefined;
  let isStopping = false;
  const reload = (): void => {
    authority?.reload().then(
      () => log({ level: 'info', event: 'reloaded' }),
      (error: Error) => log({ level: 'error', event: 'reload_refused', message: error.message }),
    );
  };
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      // While it starts there is nothing to answer, and its steps stand a kill; whoever asks twice will not wait.
      if (authority === undefined || isStopping) {
        log({ level: 'error', event: 'stopped', left: isStopping ? 'what was ending' : 'its start', signal });
        process.exit(EXIT.failed);
      }
      isStopping = true;
      // What was left keeps the process alive, and its log says what it is.
      authority.close().then(resolve, () => process.exit(EXIT.failed));
    };
    process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', reload);
    starting.then(
      (started) => (authority = started),
      () => process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', reload),
    );
  });
}
