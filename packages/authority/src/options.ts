import { randomBytes } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { PaymentOptions } from './payments/open.js';
import type { MailOptions } from './delivery/mail.js';
import type { TlsFiles } from './serving/tls.js';
import type { BackupOptions } from './timed/backups.js';

/** One line of the log. It never holds a secret, a header, a body, a query or a component of a machine. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly [field: string]: string | number | boolean | null;
}

export interface AuthorityOptions {
  /** `sqlite:PATH` or `postgres://…`. */
  readonly db: string;
  /** The key folder: signing key, keyset, roots (key-files.ts). */
  readonly dataDir: string;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port to listen on; 0 (default) lets the system choose. */
  readonly port?: number;
  /** Origin under which agents reach it, where a proxy stands before it: `https://licensing.example`. By default the
   * origin that each request names. */
  readonly publicUrl?: string;
  /** Certificate and key, where it serves TLS itself; both files are read again when they change, and by `reload`. */
  readonly tls?: TlsFiles;
  /** Seconds between looks at these files; 10 by default. */
  readonly tlsPollSeconds?: number;
  /** Largest request body, bytes; 2 MiB by default. */
  readonly bodyLimit?: number;
  /** SQLite: how many commands may share one commit; 64 by default. With 1 each waits for the disk by itself. */
  readonly commitSize?: number;
  /** Seconds between heartbeats of the feed; 15 by default. */
  readonly feedHeartbeatSeconds?: number;
  /** Seconds between looks at the journal where other nodes write to it too; 1 by default. */
  readonly feedPollSeconds?: number;
  /** Seconds between looks for timed work that is due; 1 by default. */
  readonly timedWorkSeconds?: number;
  /** Seconds in which it ends, whatever hangs; calls under way have three quarters of them. 13 by default. */
  readonly stopSeconds?: number;
  /** Backups of an SQLite database while it is served; none by default. */
  readonly backups?: BackupOptions;
  /** How orders are paid beside by invoice: a payment service, or a page of the seller's own. */
  readonly payments?: PaymentOptions;
  /** Mail: `smtps://user:password@mail.example` and the address that it is from; without, no mail is sent. */
  readonly mail?: MailOptions;
  /** May webhooks lead into private networks, and be plain http there? Not by default. */
  readonly webhookPrivateNetworks?: boolean;
  /** The clock, epoch ms. */
  readonly now?: () => number;
  /** Random bytes, from the system by default. */
  readonly random?: (size: number) => Uint8Array;
  /** Where log lines go; nowhere by default. */
  readonly log?: (line: LogLine) => void;
}

export type Settings = Required<Omit<AuthorityOptions, 'publicUrl' | 'mail' | 'tls' | 'backups'>> & {
  readonly backups: Required<BackupOptions> | undefined;
  readonly tls: TlsFiles | undefined;
  readonly publicUrl: string | undefined;
  readonly mail: MailOptions | undefined;
};

/** 64 MiB: every call is held in memory while it is read. */
const MOST_BODY = 64 * 1024 * 1024;

/** Fills in what was left out. Throws OPTIONS_INVALID with the option that is wrong. */
export function readOptions(options: AuthorityOptions): Settings {
  const settings = {
    host: '127.0.0.1',
    port: 0,
    bodyLimit: 2 * 1024 * 1024,
    commitSize: 64,
    feedHeartbeatSeconds: 15,
    feedPollSeconds: 1,
    timedWorkSeconds: 1,
    tlsPollSeconds: 10,
    stopSeconds: 13,
    now: Date.now,
    random: randomSource(),
    log: () => undefined,
    publicUrl: undefined,
    payments: {},
    mail: undefined,
    tls: undefined,
    webhookPrivateNetworks: false,
    ...options,
    backups: options.backups && readBackups(options.backups),
  };
  if (!Number.isInteger(settings.port) || settings.port < 0 || settings.port > 65_535) {
    throw wrong('port', 'The port is a whole number from 0 to 65535.');
  }
  if (!Number.isInteger(settings.bodyLimit) || settings.bodyLimit < 1024 || settings.bodyLimit > MOST_BODY) {
    throw wrong('bodyLimit', `A body has a limit from 1024 to ${MOST_BODY} bytes.`);
  }
  if (!(settings.stopSeconds >= 1 && settings.stopSeconds <= 3600)) {
    throw wrong('stopSeconds', 'An authority takes from 1 to 3600 seconds to end.');
  }
  if (settings.publicUrl !== undefined && !/^https?:\/\/[^/?#\s]+$/.test(settings.publicUrl)) {
    throw wrong('publicUrl', 'The public address is an origin without a path, like https://licensing.example.');
  }
  return settings;
}

function readBackups({ folder, everyHours = 24, keep = 7 }: BackupOptions): Required<BackupOptions> {
  if (everyHours >= 1 && Number.isInteger(keep) && keep >= 1) return { folder, everyHours, keep };
  throw wrong('backups', 'Backups are an hour apart at least, and one stays at least.');
}

function wrong(path: string, sentence: string): LeaseholdError {
  return new LeaseholdError('OPTIONS_INVALID', sentence, { path, remedy: 'Correct the option and start again.' });
}

/** Drawn from the system at once for many calls: a draw of 12 bytes costs as much as one of hundreds. */
const DRAWN = 4096;

/** Random bytes from the system. None is kept once it is given. */
function randomSource(): (size: number) => Uint8Array {
  let drawn = new Uint8Array();
  return (size) => {
    if (drawn.length < size) drawn = new Uint8Array(randomBytes(Math.max(size, DRAWN)));
    const given = drawn.slice(0, size);
    drawn.fill(0, 0, size);
    drawn = drawn.subarray(size);
    return given;
  };
}
