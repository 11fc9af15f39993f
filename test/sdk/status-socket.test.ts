import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { folderId } from '../../packages/sdk/src/state/lock-names.js';
import { askLocal, listenLocal } from '../../packages/sdk/src/socket/local-socket.js';
import { askAgent, openAgentSocket } from '../../packages/sdk/src/socket/status-socket.js';
import type { AgentSocketOptions, AgentSocketOutcome } from '../../packages/sdk/src/socket/status-socket.js';

const isRoot = process.getuid?.() === 0;
/** Each starts twenty processes. */
const ROUNDS = process.env['LONG'] === '1' ? 20 : 1;
let tools: string;
let base: string;
let options: AgentSocketOptions;
const children: ChildProcess[] = [];
const opened: AgentSocketOutcome[] = [];

beforeAll(() => {
  tools = mkdtempSync(join(tmpdir(), 'leasehold-tools-'));
  chmodSync(tools, 0o755);
  buildSync({
    entryPoints: [fileURLToPath(new URL('../../packages/sdk/src/socket/status-socket.ts', import.meta.url))],
    outfile: join(tools, 'status-socket.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  // Opens the socket, prints the outcome as a line of JSON, and stays when it is the owner.
  writeFileSync(
    join(tools, 'agent.mjs'),
    `import { openAgentSocket } from './status-socket.mjs';
const service = { status: () => ({ pid: process.pid }), check: async () => ({ checked: process.pid }) };
const { outcome, status } = await openAgentSocket(service, JSON.parse(process.argv[2]));
console.log(JSON.stringify({ outcome, status, pid: process.pid }));
if (outcome === 'owner') setInterval(() => {}, 1000);`,
  );
  writeFileSync(
    join(tools, 'ask.mjs'),
    `import { askAgent } from './status-socket.mjs';
const options = JSON.parse(process.argv[2]);
console.log(JSON.stringify([await askAgent(options, 'status'), await askAgent(options, 'check')]));`,
  );
});
afterAll(() => rmSync(tools, { recursive: true }));
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'leasehold-lock-'));
  chmodSync(base, 0o755);
  options = { folder: join(base, 'license'), runFolder: join(base, 'run') };
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const outcome of opened.splice(0)) if (outcome.outcome === 'owner') await outcome.socket.close();
  rmSync(base, { recursive: true });
});

interface Told {
  readonly outcome: string;
  readonly status?: unknown;
  readonly pid: number;
  readonly child: ChildProcess;
}
/** A real process that opens the socket; resolves with what it prints. */
async function agent(): Promise<Told> {
  const child = spawn(process.execPath, [join(tools, 'agent.mjs'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...(JSON.parse(line) as Omit<Told, 'child'>), child };
  }
  throw new Error('The process ended without a word.');
}
function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
async function here(status: unknown = { pid: process.pid }): Promise<AgentSocketOutcome> {
  const outcome = await openAgentSocket({ status: () => status, check: async () => ({ checked: true }) }, options);
  opened.push(outcome);
  return outcome;
}

describe('one writer of a state folder', () => {
  it('the second process is told who is there, and gets the folder once the first has ended', async () => {
    const first = await agent();
    expect(first.outcome).toBe('owner');
    const second = await agent();
    expect(second).toMatchObject({ outcome: 'in_use', status: { pid: first.pid } });
    expect(await here()).toMatchObject({ outcome: 'in_use', status: { pid: first.pid } });
    await kill(first.child, 'SIGTERM');
    expect((await here()).outcome).toBe('owner');
  });

  it('takes over what a killed process left behind, and cleans it up', async () => {
    for (let n = 0; n < 3; n += 1) {
      const owner = await agent();
      expect(owner.outcome).toBe('owner');
      await kill(owner.child, 'SIGKILL');
      expect(readdirSync(options.folder)).toHaveLength(1);
      expect(await askAgent(options, 'status')).toMatchObject({ outcome: 'gone' });
    }
    expect((await here()).outcome).toBe('owner');
    expect(readdirSync(options.folder)).toHaveLength(1);
  });

  it('gives it to exactly one of twenty processes that start at once, over what a killed one left', async () => {
    let owner: Told | undefined = await agent();
    for (let round = 0; round < ROUNDS; round += 1) {
      if (owner !== undefined) await kill(owner.child, 'SIGKILL');
      const told = await Promise.all(Array.from({ length: 20 }, () => agent()));
      expect(told.filter(({ outcome }) => outcome === 'owner')).toHaveLength(1);
      expect(told.filter(({ outcome }) => outcome === 'in_use')).toHaveLength(19);
      owner = told.find(({ outcome }) => outcome === 'owner');
    }
  });

  it('gives it to exactly one of twenty calls inside one process', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => here()));
    expect(outcomes.filter(({ outcome }) => outcome === 'owner')).toHaveLength(1);
  });

  it('waits for who stands for it already, and does not keep him from seeing that he is alone', async () => {
    mkdirSync(options.folder, { mode: 0o700 });
    const beside: number[] = [];
    const role = (): string => (beside.push(readdirSync(options.folder).length) < 5 ? 'candidate' : 'owner');
    const standing = await listenLocal(join(options.folder, 'agent-0000000000000000.sock'), { role });
    expect((await here()).outcome).toBe('in_use');
    expect(beside).toEqual([1, 1, 1, 1, 1]);
    await standing.close();
  });

  it('does not take it from a process that is stopped', async () => {
    const owner = await agent();
    owner.child.kill('SIGSTOP');
    expect(await here()).toEqual({ outcome: 'in_use', status: undefined });
    owner.child.kill('SIGCONT');
    expect(await here()).toMatchObject({ outcome: 'in_use', status: { pid: owner.pid } });
  });

  it('works below a path that is too long for a socket', async () => {
    const folder = join(base, 'd'.repeat(100), 'license');
    options = { ...options, folder };
    const first = await agent();
    expect(first.outcome).toBe('owner');
    expect(await here()).toMatchObject({ outcome: 'in_use', status: { pid: first.pid } });
    expect(await askAgent(options, 'check')).toMatchObject({ outcome: 'answered', value: { checked: first.pid } });
    await kill(first.child, 'SIGKILL');
    const own = await here();
    expect(own.outcome).toBe('owner');
    if (own.outcome === 'owner') await own.socket.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing behind when closed, and the folder closed to others', async () => {
    const own = await here();
    expect(statSync(options.folder).mode & 0o777).toBe(0o700);
    if (own.outcome === 'owner') await own.socket.close();
    expect(readdirSync(options.folder)).toEqual([]);
    expect(readdirSync(options.runFolder ?? '')).toEqual([]);
    expect(await askAgent(options, 'status')).toMatchObject({ outcome: 'gone' });
  });

  it('names a folder it cannot use', async () => {
    writeFileSync(options.folder, 'in the way');
    expect(await here()).toMatchObject({ outcome: 'unavailable', reason: 'not_a_folder' });
  });

  it('holds the lock also where the status cannot be published, and says why', async () => {
    writeFileSync(options.runFolder ?? '', 'in the way');
    expect(await here()).toMatchObject({ outcome: 'owner', socket: { unpublished: { outcome: 'unavailable' } } });
    expect(await askAgent(options, 'status')).toMatchObject({ outcome: 'answered', value: { pid: process.pid } });
  });

  it('is one lock however its path is spelled, also while it is not there yet', async () => {
    const spellings = [
      options.folder,
      `${options.folder}/`,
      join(base, 'link', 'license'),
      `${base}/none/../license`,
      join(base, 'other'),
    ];
    symlinkSync(base, join(base, 'link'));
    symlinkSync(options.folder, join(base, 'other'));
    const ids = (): Set<string> => new Set(spellings.slice(0, -1).map(folderId));
    const before = [...ids()];
    expect(before).toHaveLength(1);
    for (const folder of spellings) {
      options = { ...options, folder };
      const outcome = await here();
      expect([folder, outcome.outcome]).toEqual([folder, folder === spellings[0] ? 'owner' : 'in_use']);
    }
    expect([...ids(), folderId(join(base, 'other'))]).toEqual([before[0], before[0]]);
  });

  it('does not keep the process alive', () => {
    const script = `import { openAgentSocket } from ${JSON.stringify(join(tools, 'status-socket.mjs'))};
const { outcome } = await openAgentSocket({ status: () => 1, check: async () => 1 }, ${JSON.stringify(options)});
console.log(outcome);`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(out.trim()).toBe('owner');
  });
});

describe('status for all, check for the group', () => {
  const published = (kind: string): string => {
    const name = readdirSync(options.runFolder ?? '').find((file) => file.endsWith(`.${kind}.sock`));
    return join(options.runFolder ?? '', name ?? 'none');
  };

  it('the open socket answers the status and refuses a check; the other is closed to all but its group', async () => {
    await here({ state: 'healthy' });
    expect(await askLocal(published('status'), 'status')).toEqual({ outcome: 'answered', value: { state: 'healthy' } });
    expect(await askLocal(published('status'), 'check')).toEqual({ outcome: 'refused', code: 'FORBIDDEN' });
    expect(await askLocal(published('control'), 'check')).toEqual({ outcome: 'answered', value: { checked: true } });
    // Older lines of Node leave the bits of execution on a socket, where they say nothing.
    expect(statSync(published('status')).mode & 0o666).toBe(0o666);
    expect(statSync(published('control')).mode & 0o777).toBe(0o660);
  });

  it.skipIf(!isRoot)(
    'another user reads the status and may not check; a member of the group may (needs root to become them)',
    async () => {
      const owner = await agent();
      options = { ...options, gid: 4321 };
      await kill(owner.child, 'SIGKILL');
      const again = await agent();
      const ask = (gid: string): unknown =>
        JSON.parse(
          execFileSync(
            'setpriv',
            [
              '--reuid=65534',
              `--regid=${gid}`,
              '--clear-groups',
              process.execPath,
              join(tools, 'ask.mjs'),
              JSON.stringify(options),
            ],
            { encoding: 'utf8' },
          ),
        );
      expect(ask('65534')).toMatchObject([
        { outcome: 'answered', value: { pid: again.pid } },
        { outcome: 'not_permitted' },
      ]);
      expect(ask('4321')).toMatchObject([
        { outcome: 'answered', value: { pid: again.pid } },
        { outcome: 'answered', value: { checked: again.pid } },
      ]);
    },
  );

  it.skipIf(!isRoot)('does not believe a folder that another user put there (needs root to give it away)', async () => {
    mkdirSync(options.folder);
    mkdirSync(options.runFolder ?? '');
    execFileSync('chown', ['65534', options.runFolder ?? '']);
    expect(await here()).toMatchObject({ outcome: 'owner', socket: { unpublished: { reason: 'not_permitted' } } });
  });

  it.each([
    ['no JSON', 'hello\n', 'INPUT_INVALID'],
    ['no question', '{}\n', 'INPUT_INVALID'],
    ['an inherited word', '{"ask":"constructor"}\n', 'FORBIDDEN'],
    ['an unknown word', '{"ask":"secrets"}\n', 'FORBIDDEN'],
  ])('answers %s with a code and goes on', async (_name, question, code) => {
    await here();
    expect(JSON.parse(await say(published('status'), question))).toEqual({ ok: false, code });
    expect(await askAgent(options, 'status')).toMatchObject({ outcome: 'answered' });
  });

  it('hangs up on a flood, survives a caller that leaves, and hides an inner failure', async () => {
    await here();
    expect(await say(published('status'), 'x'.repeat(100_000))).toBe('');
    const leaver = connect(published('status'), () => leaver.destroy());
    expect(await askAgent(options, 'status')).toMatchObject({ outcome: 'answered' });
    for (const outcome of opened.splice(0)) if (outcome.outcome === 'owner') await outcome.socket.close();
    const broken = { status: () => JSON.parse('{'), check: () => Promise.reject(new Error('secret path')) };
    opened.push(await openAgentSocket(broken, options));
    const line = await say(published('control'), '{"ask":"check"}\n');
    expect(JSON.parse(line)).toEqual({ ok: false, code: 'INTERNAL' });
  });

  it('finds no agent in a folder that is not there', async () => {
    expect(existsSync(options.folder)).toBe(false);
    expect(await askAgent(options, 'status')).toMatchObject({ outcome: 'gone' });
  });
});

function say(path: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path);
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
