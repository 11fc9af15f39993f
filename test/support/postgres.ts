import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** A PostgreSQL server of the tests' own: a fresh data folder, loopback only, full durability, gone when the tests are.
 * As root it runs as an unprivileged user, because PostgreSQL refuses root. */
export interface TestPostgres {
  readonly port: number;
  readonly dataDir: string;
  /** Creates an empty database and answers its URL. */
  database(): Promise<string>;
  /** Asks the server itself, as its operator. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends it as an operator does, or as a crash does: without a checkpoint. */
  stop(how?: keyof typeof SIGNALS): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  dispose(): Promise<void>;
}

const SIGNALS = { orderly: 'SIGINT', crash: 'SIGQUIT', kill: 'SIGKILL' } as const;

/** Runs the server as long as our end of its standard input is open, so that it never outlives a killed test. */
const ENDS_WITH_US = `exec 3<&0; "$@" 3<&- </dev/null & server=$!
  (cat <&3 >/dev/null; kill -QUIT $server 2>/dev/null) & wait $server`;

/** Where PostgreSQL's programs lie: $LEASEHOLD_POSTGRES_BIN, the newest of Debian's, or the PATH. Undefined: nowhere. */
export function postgresBin(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    process.env['LEASEHOLD_POSTGRES_BIN'],
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return candidates.find((folder) => folder && ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

/** Why the suites on PostgreSQL are not run here, to be printed; undefined when they are. */
export function whyNoPostgres(): string | undefined {
  if (postgresBin() === undefined)
    return 'PostgreSQL is not installed (apt-get install postgresql, or set LEASEHOLD_POSTGRES_BIN)';
  return process.getuid?.() === 0 && unprivileged() === undefined
    ? 'PostgreSQL does not run as root, and there is neither a user postgres nor nobody'
    : undefined;
}

let serial = 0;

/** `settings` are lines of postgresql.conf; by default only what makes it small and local. `parent` is the folder in
 * which its own is made. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  parent: string = tmpdir(),
): Promise<TestPostgres> {
  const bin = postgresBin()!;
  const { base, dataDir, user } = newPlace(parent);
  const init = (...locale: string[]) =>
    spawnSync(
      join(bin, 'initdb'),
      ['-D', dataDir, '-U', 'leasehold', '-A', 'trust', '-E', 'UTF8', '--no-sync', ...locale],
      {
        ...user,
        cwd: base,
        encoding: 'utf8',
      },
    );
  // In a language whose order of words is not that of their bytes, where there is one: SQL that counts on bytes fails.
  const inEnglish = init('--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US');
  const made = inEnglish.status === 0 ? inEnglish : init('--locale=C');
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  return serve({ base, dataDir, user }, settings);
}

/** A replica that follows the server by streaming, with a folder of its own. */
export interface TestReplica extends TestPostgres {
  /** Makes it the primary. */
  promote(): void;
}

export async function startReplica(primary: TestPostgres): Promise<TestReplica> {
  const place = newPlace(tmpdir());
  const run = (program: string, ...args: string[]): void => {
    const { user, base: cwd } = place;
    const done = spawnSync(join(postgresBin()!, program), args, { ...user, cwd, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${program} failed: ${done.stderr}`);
  };
  const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'leasehold'];
  run('pg_basebackup', ...from, '-D', place.dataDir, '-R', '-X', 'stream', '-c', 'fast', '--no-sync');
  const replica = await serve(place, {});
  return { ...replica, promote: () => run('pg_ctl', 'promote', '-w', '-D', place.dataDir) };
}

interface Place {
  readonly base: string;
  readonly dataDir: string;
  readonly user: { uid: number; gid: number } | undefined;
}

function newPlace(parent: string): Place {
  const base = mkdtempSync(join(parent, 'leasehold-postgres-'));
  const user = process.getuid?.() === 0 ? unprivileged() : undefined;
  if (user !== undefined) chownSync(base, user.uid, user.gid);
  return { base, dataDir: join(base, 'data'), user };
}

async function serve(
  { base, dataDir, user }: Place,
  settings: Readonly<Record<string, string>>,
): Promise<TestPostgres> {
  const bin = postgresBin()!;
  const port = await freePort();
  const flags = Object.entries({ max_connections: '200', ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  let server: ChildProcess | undefined;
  let pid = 0;
  const url = (database: string) => `postgres://leasehold@127.0.0.1:${port}/${database}`;

  async function start(): Promise<void> {
    dropEmptyLock(dataDir);
    const args = ['-D', dataDir, '-p', String(port), '-h', '127.0.0.1', '-k', '', ...flags];
    server = spawn('sh', ['-c', ENDS_WITH_US, 'sh', join(bin, 'postgres'), ...args], { ...user, cwd: base });
    let log = '';
    server.stderr!.on('data', (text: Buffer) => (log = (log + text.toString()).slice(-4000)));
    await answering(url('postgres'), server, () => log);
    pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  }
  async function stop(how: keyof typeof SIGNALS = 'orderly'): Promise<void> {
    if (server === undefined || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server!.once('exit', resolve));
    process.kill(pid, SIGNALS[how]);
    await ended;
    server.stdin!.destroy();
    server = undefined;
  }
  await start();
  return {
    port,
    dataDir,
    start,
    stop,
    async dispose() {
      await stop('crash');
      rmSync(base, { recursive: true, force: true });
    },
    query: (sql) => ask(url('postgres'), sql),
    async database() {
      serial += 1;
      const name = `test_${serial}`;
      await ask(url('postgres'), `CREATE DATABASE ${name}`);
      return url(name);
    },
  };
}

/** PostgreSQL does not start over a lock file that is empty, which a power cut may leave of one just written; its hint
 * tells the operator to remove it. */
function dropEmptyLock(dataDir: string): void {
  const lock = join(dataDir, 'postmaster.pid');
  if (existsSync(lock) && readFileSync(lock, 'utf8').trim() === '') rmSync(lock);
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function answering(url: string, server: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (server.exitCode !== null) throw new Error(`postgres ended at its start: ${log()}`);
    const up = await ask(url, 'SELECT 1').then(
      () => true,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`postgres does not answer: ${log()}`);
}

function unprivileged(): { uid: number; gid: number } | undefined {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  return undefined;
}

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
