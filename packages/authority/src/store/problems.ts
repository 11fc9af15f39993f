import { LeaseholdError, shortageOf, type ProblemCode, type ProblemDetails } from '@leasehold/protocol';

const FREE_SPACE = 'Free space on the disk of the database; nothing that was answered is lost.';
const ONE_PROCESS =
  'Stop the other process, or use postgres://… when several are to serve one account: an SQLite file belongs to one.';
const ADDRESS = 'Check that the database runs and that the address in --db is right; agents go on within their leases.';
/** Since PostgreSQL 15 the schema `public` is closed to all but the owner of the database. */
const OWNER = 'Let the user own the database: ALTER DATABASE … OWNER TO …';
const PASSWORD = 'Give it by the variable PGPASSWORD, by a file ~/.pgpass, or in the address.';
const CONNECTIONS =
  'Raise max_connections, or the limit of the role or database: each node takes up to 17 connections.';
const SESSIONS =
  'Let --db lead to PostgreSQL itself, or to a pooler in session mode: not in transaction or statement mode.';
const AGAIN = 'Ask again.';
const ROOT_CERTIFICATE = 'Name the certificate of its authority: …?sslmode=verify-full&sslrootcert=FILE';
const READ_ONLY = 'PostgreSQL takes no changes: it is a replica, or default_transaction_read_only is on.';
const WRITES =
  'Let --db lead to the primary, and turn default_transaction_read_only off; agents go on within their leases.';
const WRITABLE = 'Give the service its own folder that it may write to, or name another with --db.';

/** SQLite's primary result codes (sqlite.org/rescode.html) that an operator can act on. */
const SQLITE_PROBLEMS: Readonly<Record<number, readonly [ProblemCode, string, string]>> = {
  5: ['DATABASE_IN_USE', 'Another process holds the database.', ONE_PROCESS],
  6: ['DATABASE_IN_USE', 'Another process holds the database.', ONE_PROCESS],
  8: ['READ_ONLY_FOLDER', 'The database or its folder is read-only.', WRITABLE],
  10: ['DATABASE_UNAVAILABLE', 'The disk failed to read or write the database.', 'Look at the disk and its log.'],
  11: ['STATE_DAMAGED', 'The database file is damaged.', 'Restore the last backup with leasehold db restore.'],
  13: ['DISK_FULL', 'The disk of the database is full.', FREE_SPACE],
  14: ['READ_ONLY_FOLDER', 'The database cannot be opened or created there.', WRITABLE],
  26: ['STATE_DAMAGED', 'The file is not a database of ours.', 'Name the right file, or restore a backup.'],
};

/** Does the file or its disk fail, and not what was asked of it? */
export function isOfStorage({ code }: LeaseholdError): boolean {
  return Object.values(SQLITE_PROBLEMS).some(([known]) => known === code);
}

/** Turns what the SQLite engine threw into the product's error; a command's own error passes unchanged. */
export function sqliteProblem(thrown: unknown): LeaseholdError {
  if (LeaseholdError.is(thrown)) return thrown;
  const { code, rawCode, message } = thrown as { code?: string; rawCode?: number; message?: string };
  // The binding reports a failed open as text alone: `…/authority.db: 14`.
  const raw = rawCode ?? Number(/local database .*: (\d+)/s.exec(message ?? '')?.[1] ?? 0);
  const known = SQLITE_PROBLEMS[raw & 0xff];
  if (known !== undefined) return new LeaseholdError(known[0], known[1], { remedy: known[2], cause: thrown });
  if (code?.startsWith('SQLITE_CONSTRAINT')) return conflict(thrown);
  return defect(thrown);
}

interface Thrown {
  readonly code: string;
  readonly message: string;
  readonly syscall: string;
}

/** Why PostgreSQL cannot be worked with, by SQLSTATE or by what the driver and Node throw: is it that, what to say, and what
 * helps where it is not the address. */
const POSTGRES_PROBLEMS: readonly (readonly [(thrown: Thrown) => boolean, (thrown: Thrown) => string, string?])[] = [
  [({ code }) => code.startsWith('28'), () => 'PostgreSQL refused the user or password.'],
  [({ code }) => code === '3D000', () => 'The database does not exist on that PostgreSQL server.'],
  [({ code }) => code === '25006', () => READ_ONLY, WRITES],
  [({ code }) => code === '42501', ({ message }) => `The PostgreSQL user lacks a right: ${message}.`, OWNER],
  [
    ({ message }) => message.includes('password must be a string'),
    () => 'PostgreSQL asks for a password, and the address in --db has none.',
    PASSWORD,
  ],
  [({ message }) => message.includes('does not support SSL'), () => 'That PostgreSQL server offers no TLS.'],
  [
    ({ code }) => /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code),
    ({ code }) => `The certificate of PostgreSQL is not trusted: ${code}.`,
    ROOT_CERTIFICATE,
  ],
  [({ syscall }) => syscall === 'open', ({ message }) => `A file that --db names cannot be read: ${message}.`],
  [({ code }) => code === 'ERR_INVALID_URL', () => 'What --db names is no address.'],
  // A prepared statement that is not there, or is there already.
  [({ code }) => /^(26000|42P05)$/.test(code), () => 'Statements of this node meet sessions of others.', SESSIONS],
  [({ code }) => code === '53300', () => 'PostgreSQL has no connection left for this node.', CONNECTIONS],
  [({ code, message }) => isLost(code, message), () => 'PostgreSQL cannot be reached.'],
];

/** What PostgreSQL breaks off, by the start of its SQLSTATE: nothing was changed, and another time it may go through. The
 * limits are ours for a serving node, unless what stands before the database gives each transaction another's session. */
const POSTGRES_LATE: readonly (readonly [string, string, string])[] = [
  [
    '57014',
    'PostgreSQL ended a statement that took too long (statement_timeout), or was told to.',
    limitOf('statement_timeout'),
  ],
  ['55P03', 'PostgreSQL did not get a lock in time (lock_timeout).', limitOf('lock_timeout')],
  [
    '25P03',
    'PostgreSQL ended a transaction that waited (idle_in_transaction_session_timeout).',
    limitOf('idle_in_transaction_session_timeout'),
  ],
  ['25P04', 'PostgreSQL ended a transaction that took too long (transaction_timeout).', limitOf('transaction_timeout')],
  ['40', 'PostgreSQL let another transaction go first.', AGAIN],
  ['532', 'PostgreSQL has no memory left.', 'Look at the log of PostgreSQL; then ask again.'],
];

function limitOf(setting: string): string {
  return `${AGAIN} If it repeats, look at what PostgreSQL is busy with, and at the ${setting} of its role and database.`;
}

function lateProblem(code: string, cause: unknown): LeaseholdError | undefined {
  const found = POSTGRES_LATE.find(([known]) => code.startsWith(known));
  return found && new LeaseholdError('OVERLOADED', found[1], { retryAfterSeconds: 5, remedy: found[2], cause });
}

/** A transaction that collided with others again and again. */
export function contended(thrown: unknown): LeaseholdError {
  const { code = '' } = thrown as Partial<Thrown>;
  return lateProblem(code, thrown) ?? lateProblem('40001', thrown)!;
}

/** Turns what PostgreSQL or its driver threw into the product's error; a command's own error passes unchanged. */
export function postgresProblem(thrown: unknown): LeaseholdError {
  if (LeaseholdError.is(thrown)) return thrown;
  const { code = '', message = '', syscall = '' } = thrown as Partial<Thrown>;
  const error = { code, message, syscall };
  if (code.startsWith('23')) return conflict(thrown);
  if (code === '53100') return new LeaseholdError('DISK_FULL', 'The disk of PostgreSQL is full.', full(thrown));
  const lacking = shortageOf(code);
  if (lacking !== undefined) {
    return unavailable(`${lacking.message}: PostgreSQL cannot be reached.`, thrown, lacking.remedy);
  }
  const late = lateProblem(code, thrown);
  if (late !== undefined) return late;
  const [, sentence, remedy] = POSTGRES_PROBLEMS.find(([isIt]) => isIt(error)) ?? [];
  return sentence === undefined ? defect(thrown) : unavailable(sentence(error), thrown, remedy);
}

/** Is the connection gone (not: the statement wrong)? Class 08 and 57P are SQLSTATE, the rest are of the socket. */
export function isLost(code: string, message: string): boolean {
  return (
    /^(08|57P|53300|25P0[34])/.test(code) ||
    /^E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN)|ENOTFOUND|ENOENT/.test(code) ||
    /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      message,
    )
  );
}

export function unavailable(sentence: string, cause: unknown, remedy: string = ADDRESS): LeaseholdError {
  return new LeaseholdError('DATABASE_UNAVAILABLE', sentence, { retryAfterSeconds: 5, remedy, cause });
}

export function readOnly(): LeaseholdError {
  return unavailable(READ_ONLY, undefined, WRITES);
}

export function overloaded(waiting: number): LeaseholdError {
  return new LeaseholdError('OVERLOADED', `${waiting} calls wait for the database already.`, { retryAfterSeconds: 5 });
}

export function noSuchFile(path: string): LeaseholdError {
  return new LeaseholdError('NOT_FOUND', `There is no database ${path}.`, {
    path: 'db',
    remedy: 'Check the path; nothing was created.',
  });
}

/** A disk that was full, or a copy that broke off, leaves such a file. */
export function emptyFile(path: string): LeaseholdError {
  return new LeaseholdError('STATE_DAMAGED', `The database file ${path} is empty; nothing was changed.`, {
    path: 'db',
    remedy: 'Move it away and restore the last backup with leasehold db restore.',
  });
}

export function readOnlyFile(path: string, cause: unknown): LeaseholdError {
  return new LeaseholdError('READ_ONLY_FOLDER', `This user may not read and write the database ${path}.`, {
    path: 'db',
    remedy: 'Make the user of the service the owner of the file and its folder, or name another with --db.',
    cause,
  });
}

export function newerSchema(found: number, known: number): LeaseholdError {
  return new LeaseholdError('UNSUPPORTED_VERSION', `The database has schema ${found}; this program knows ${known}.`, {
    remedy: 'Start the release that wrote this database, or a newer one: schemas only go forward.',
  });
}

function full(cause: unknown): ProblemDetails {
  return { remedy: FREE_SPACE, cause };
}

function conflict(cause: unknown): LeaseholdError {
  return new LeaseholdError('CONFLICT', 'The change contradicts a row that is there already.', { cause });
}

function defect(cause: unknown): LeaseholdError {
  return new LeaseholdError('INTERNAL', 'The store failed on a statement or command; nothing was changed.', { cause });
}
