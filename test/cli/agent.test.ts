import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LICENSE } from '../support/authority.js';
import { firstLine, runCommand, startCommand, stop, type Ended } from '../support/command.js';
import { ProxmoxServer, TOKEN as PVE_TOKEN } from '../support/proxmox-server.js';
import { typed } from './typed.js';

let folder: string;
let server: ChildProcess;
let key: string;
const file = (name: string): string => join(folder, name);
const agent = (words: readonly string[], rest: readonly string[] = []): Promise<Ended> =>
  runCommand([...words, '--config', file('agent.json'), ...(rest.length > 0 ? ['--', ...rest] : [])], folder);
const node = (program: string): string[] => [process.execPath, '-e', program];

/** An authority with one seat of the license that this machine needs, and an agent that pins its root. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-agent-'));
  const db = `sqlite:${file('authority/authority.db')}`;
  const names = ['--account', 'a', '--name', 'A', '--product', 'acme-backup'];
  const made = await typed(
    'authority',
    'create',
    '--db',
    db,
    '--root',
    file('root.json'),
    ...names,
    '--url',
    'http://127.0.0.1:1',
    '--json',
  );
  const { root, ownerToken } = JSON.parse(made.out) as {
    root: { kty: string; crv: string; x: string };
    ownerToken: string;
  };
  server = startCommand(['serve', '--db', db, '--port', '0', '--json']);
  const { url } = JSON.parse(await firstLine(server)) as { url: string };
  const { formatConnection } = await import('@leasehold/protocol');
  writeFileSync(file('connection'), formatConnection({ url, roots: [root.x], token: ownerToken }));
  const row = { ...LICENSE, id: 'one', type: 'linux' };
  writeFileSync(file('licenses.json'), JSON.stringify([row]));
  const sold = await typed(
    'admin',
    'license',
    'create',
    '--file',
    file('licenses.json'),
    '--connection',
    file('connection'),
    '--json',
  );
  key = (JSON.parse(sold.out) as { licenses: { licenseKey: string }[] }).licenses[0]!.licenseKey;
  const { kty, crv, x } = root;
  const config = {
    product: 'acme-backup',
    version: '12.1',
    authority: url,
    roots: [{ kty, crv, x }],
    stateDir: file('state'),
    instanceId: 'test-agent',
  };
  writeFileSync(file('agent.json'), JSON.stringify(config), { mode: 0o644 });
});
afterAll(async () => {
  await stop(server);
  rmSync(folder, { recursive: true });
});

describe('the agent’s commands, from activation to giving the seat back', () => {
  it('refuses before activation: status 77, the engine is never started, the reason is said', async () => {
    const { status, out, err } = await agent(['run'], node(`require('fs').writeFileSync('started', '')`));
    expect({ status, out }).toEqual({ status: 77, out: '' });
    expect(err).toMatch(/leasehold: refused \(D-5\)/);
    expect(existsSync(file('started'))).toBe(false);
    const state = await agent(['status']);
    expect(state.status).toBe(1);
    expect(state.err).toContain('leasehold activate LH-');
    const japanese = await agent(['run', '--language', 'ja'], node(''));
    expect(japanese.err).toMatch(/ライセンスがありません。\n.*認証してください/);
    expect(await agent(['run', '--language', 'jp'], node(''))).toMatchObject({ status: 2 });
  });

  it('imports what the vendor signed, and nothing else', async () => {
    const note = ['note', 'sign', '--root', file('root.json'), '--account', 'a', '--product', 'acme-backup'];
    await typed(...note, '--from', '2026-06-01', '--until', '2999-09-30', '--out', file('note.jws'));
    const taken = await agent(['import', file('note.jws'), '--json']);
    expect(JSON.parse(taken.out)).toMatchObject({ installed: 'extension_note', status: { state: 'not_activated' } });
    const other = await agent(['import', file('licenses.json')]);
    expect(other).toMatchObject({ status: 1, out: '' });
    expect(other.err).toContain('TOKEN_MALFORMED');
    expect((await agent(['import', file('nothing')])).err).toContain('INPUT_INVALID');
  });

  it('tells a mistyped key from an unknown one, before any request', async () => {
    const typo = await agent(['activate', `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`]);
    expect(typo.status).toBe(1);
    expect(typo.err).toContain('LICENSE_KEY_TYPO');
    const unknown = await agent(['activate', 'LH-00000-00000-00000-00000-00000-00000']);
    expect(unknown.status).toBe(1);
    expect(unknown.err).toMatch(/LICENSE_KEY_(TYPO|UNKNOWN)/);
  });

  it('activates, and says until when it works offline', async () => {
    const { status, out, err } = await agent(['activate', key, '--json']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ state: 'licensed', license: 'one', backup: { decision: 'allow' } });
    expect(out).not.toContain(key);
  });

  it.each([0, 3, 77])('runs the engine and ends with its own status %i', async (wanted) => {
    const { status, out } = await agent(['run'], node(`console.log('engine ran'); process.exit(${wanted})`));
    expect({ status, out }).toEqual({ status: wanted, out: 'engine ran\n' });
  });

  it('leaves what follows -- to the engine, also --help and --json', async () => {
    const { out } = await agent(
      ['run'],
      [...node('console.log(process.argv.slice(1).join())'), 'a', '--help', '--json'],
    );
    expect(out).toBe('a,--help,--json\n');
  });

  it('passes SIGTERM on to the engine', async () => {
    const program = `process.on('SIGTERM', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000)`;
    const child = startCommand(['run', '--config', file('agent.json'), '--', ...node(program)], folder);
    await firstLine(child);
    expect(await stop(child)).toBe(9);
  });

  const isRoot = process.getuid?.() === 0;
  it.runIf(isRoot)(
    'tells another user the status through the running agent, and checks in for its own group alone',
    async () => {
      const waiting = `console.log('ready'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)`;
      const child = startCommand(['run', '--config', file('agent.json'), '--', ...node(waiting)], folder);
      await firstLine(child);
      const asNobody = (command: string, group?: number): Promise<Ended> =>
        runCommand([command, '--config', file('agent.json'), '--json'], '/', 65_534, group);
      chmodSync(folder, 0o755);
      const told = await asNobody('status');
      expect(told).toMatchObject({ status: 0, err: '' });
      expect(JSON.parse(told.out)).toMatchObject({ state: 'licensed', role: 'owner', license: 'one' });
      const refused = await asNobody('check-in');
      expect(refused).toMatchObject({ status: 1 });
      expect(JSON.parse(refused.out || refused.err)).toMatchObject({ error: { code: 'PERMISSION_DENIED' } });
      const before = JSON.parse((await agent(['status', '--json'])).out) as { role: string; lastContact: string };
      expect(before).toMatchObject({ role: 'owner' });
      const checked = await asNobody('check-in', process.getgid!());
      expect(checked).toMatchObject({ status: 0, err: '' });
      const after = JSON.parse(checked.out) as { state: string; role: string; lastContact: string };
      expect(after).toMatchObject({ state: 'licensed', role: 'owner' });
      expect(Date.parse(after.lastContact)).toBeGreaterThan(Date.parse(before.lastContact));
      await stop(child);
      expect((await asNobody('status')).status).not.toBe(0);
    },
  );

  it('names an engine that cannot be started', async () => {
    const { status, err } = await agent(['run'], ['no-such-engine']);
    expect(status).toBe(2);
    expect(err).toContain('INPUT_INVALID: no-such-engine cannot be started');
  });

  it('counts usage at the authority with the check-in', async () => {
    writeFileSync(file('data'), 'x'.repeat(1234));
    expect((await agent(['run', '--measure', file('data')], node(''))).status).toBe(0);
    expect((await agent(['check-in'])).status).toBe(0);
    const { out } = await typed('admin', 'usage', '--connection', file('connection'), '--json');
    const { rows } = JSON.parse(out) as { rows: { kind: string; bytes: number }[] };
    expect(rows.find(({ kind }) => kind === 'backup')).toMatchObject({ bytes: 1234 });
  });

  it('shows status and diagnostics without a key, a token or a secret', async () => {
    for (const command of ['status', 'doctor']) {
      const { status, out } = await agent([command, '--json']);
      expect(status).toBe(0);
      expect(JSON.parse(out)).toBeTypeOf('object');
      expect(out).not.toMatch(/LH-[0-9A-Z]{5}|eyJ[A-Za-z0-9_-]{20}|"d":/);
    }
  });

  it('shows what leaves this machine, member by member, and no more of it than that', async () => {
    const { sent } = JSON.parse((await agent(['doctor', '--json'])).out) as { sent: { checkIn: { machine: object } } };
    const { status, out } = await agent(['doctor', '--what-is-sent', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual(sent);
    expect(sent).toMatchObject({ activation: { licenseKey: '(the license key)' }, checkIn: { machine: {} } });
    const text = await agent(['doctor', '--what-is-sent']);
    expect(text).toMatchObject({ status: 0, err: '' });
    for (const name of Object.keys(sent.checkIn.machine)) expect(text.out).toContain(`machine.${name}`);
    expect(text.out + out).not.toMatch(/LH-[0-9A-Z]{5}|eyJ[A-Za-z0-9_-]{20}|"d":/);
  });

  it('writes a lineage note for a machine that it restores, and says what is wrong with one', async () => {
    const words = ['lineage', '--source', 'inst_other', '--recovery-point', 'monday', '--target', 'rack 4'];
    const made = await agent([...words, '--as', 'standby', '--out', file('lineage.note'), '--json']);
    expect(made).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(made.out)).toEqual({ out: file('lineage.note') });
    const [, claims] = readFileSync(file('lineage.note'), 'utf8').split('.');
    expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({
      source: 'inst_other',
      as: 'standby',
    });
    const odd = await agent([...words, '--as', 'twin']);
    expect(odd.status).not.toBe(0);
    expect(odd.err).toContain('--as takes transfer or standby.');
  });

  it('tells of the hypervisor hosts that it reaches; what fails tells nothing', async () => {
    const site = { nodes: { alone: { online: true, guests: { 100: 'uuid=0a0b0c0d-1111-4222-8333-000000000001' } } } };
    const pve = await ProxmoxServer.start(site);
    writeFileSync(file('ca.pem'), pve.ca);
    writeFileSync(file('pve.token'), `${PVE_TOKEN}\n`);
    const source = ['--from', 'proxmox', '--url', pve.url, '--secret-file', file('pve.token'), '--ca', file('ca.pem')];
    const report = (...more: string[]) =>
      typed('inventory', 'report', ...source, '--config', file('agent.json'), '--json', ...more);
    const admin = (...words: string[]) => typed('admin', ...words, '--connection', file('connection'), '--json');
    const hosts = async () => (JSON.parse((await admin('machines')).out) as { hosts: object[] }).hosts;
    try {
      expect(JSON.parse((await report('--dry-run')).out)).toMatchObject({ dryRun: true, hosts: [{ name: 'alone' }] });
      expect(await hosts()).toEqual([]);
      pve.instead = { path: '/qemu', status: 500, reason: 'got timeout' };
      const failed = await report();
      expect(failed.status).toBe(1);
      expect(JSON.parse(failed.out)).toMatchObject({ error: { code: 'INVENTORY_FAILED', reason: 'UNREACHABLE' } });
      expect(await hosts()).toEqual([]);
      const told = await report('--agentless', '--no-labels');
      expect(JSON.parse(told.out)).toMatchObject({ told: 1, silent: [] });
      expect(told.out + told.err).not.toContain('0a0b0c0d');
      const { instance } = JSON.parse((await agent(['status', '--json'])).out) as { instance: string };
      expect(await hosts()).toMatchObject([{ name: null, guests: 1, reportedBy: `instance:${instance}` }]);
      const byPerson = ['inventory', 'report', ...source, '--product', 'acme-backup'];
      expect(JSON.parse((await admin(...byPerson, '--dry-run')).out)).toMatchObject({
        decision: { decision: 'allow' },
      });
      expect((await admin(...byPerson)).status).toBe(0);
      expect(await hosts()).toMatchObject([{ name: 'alone', guests: 1 }]);
      const off = { online: false, guests: {} };
      pve.site = { cluster: 'lab', nodes: { ...site.nodes, off } };
      for (const half of [await report('--dry-run'), await admin(...byPerson, '--dry-run')])
        expect(half.err).toContain('off did not answer');
      expect((await admin('inventory', 'report')).status).toBe(2);
      expect((await report('--from', 'nowhere')).err + (await report('--from', 'nowhere')).out).toContain(
        'INPUT_INVALID',
      );
    } finally {
      await pve.close();
    }
  });

  it('gives the seat back, and then refuses again', async () => {
    expect((await agent(['deactivate'])).status).toBe(0);
    expect((await agent(['run'], node(''))).status).toBe(77);
  });
});

describe('the agent’s settings', () => {
  const withConfig = async (text: string, mode = 0o644): Promise<Ended> => {
    writeFileSync(file('bad.json'), text);
    chmodSync(file('bad.json'), mode);
    return runCommand(['status', '--config', file('bad.json')], folder);
  };

  it.each([
    ['{"product": "a"', 'INPUT_INVALID'],
    ['[]', 'OPTIONS_INVALID'],
    ['{"product": "a", "rooots": []}', 'There is no setting "rooots"'],
    ['{"product": "a", "version": "1", "roots": [], "stateDir": "/x"}', 'OPTIONS_INVALID'],
    ['{"product": "a", "version": "1", "roots": [{"kty": "RSA"}], "stateDir": "/x"}', 'roots[0]'],
    ['{"product": "a", "version": "1", "roots": [], "stateDir": 7}', 'stateDir'],
    ['{"product": "a", "version": "1", "roots": []}', 'stateDir'],
  ])('%s is a typed problem', async (text, problem) => {
    const { status, out, err } = await withConfig(text);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(problem);
    expect(err).toContain('bad.json');
  });

  it('that others may change are not believed: they pin the root', async () => {
    const { status, err } = await withConfig(readFileSync(file('agent.json'), 'utf8'), 0o666);
    expect(status).toBe(1);
    expect(err).toContain('PERMISSION_DENIED');
  });

  it('that are not there are named', async () => {
    const { status, err } = await runCommand(['status', '--config', file('gone.json')], folder);
    expect(status).toBe(2);
    expect(err).toContain('gone.json is not there');
  });
});
