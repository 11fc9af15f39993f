import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '@leasehold/protocol';
import { manifestFor } from '../../extension/manifest.mjs';
import { BROWSERS, CONSOLE, type Surroundings } from '../../packages/cli/src/native-host/places.js';
import { planOf } from '../../packages/cli/src/native-host/registration.js';
import { startBench, type Bench } from '../support/authority.js';
import { startLocalAgent, type LocalAgent } from '../support/local-agent.js';
import { extensionId } from '../extension/support/extension-id.js';
import { typed } from './typed.js';

type Reply = Message<'NativeReply'>;

test('browsers let in the console and nobody else', () => {
  expect(CONSOLE.chromium).toBe(extensionId(manifestFor('chromium', '1').key));
  expect(CONSOLE.firefox).toBe(manifestFor('firefox', '1').browser_specific_settings!.gecko.id);
});

// Recorded, not run: the places that the browsers' makers document for systems that no test runs on.
describe('places by platform (recorded, not run)', () => {
  const at = (platform: NodeJS.Platform): Surroundings => ({
    platform,
    home: '/home/user',
    localData: 'C:\\Users\\ana\\AppData\\Local',
    programData: 'C:\\ProgramData',
  });
  const every = (scope: 'user' | 'system', platform: NodeJS.Platform) =>
    planOf({ browsers: BROWSERS, scope }, at(platform), '/usr/bin/node');

  test('macOS', () => {
    const paths = every('user', 'darwin').files.map(({ path }) => path);
    const support = '/home/user/Library/Application Support';
    expect(paths).toEqual([
      `${support}/Leasehold/native-host.sh`,
      `${support}/Chromium/NativeMessagingHosts/com.leasehold.host.json`,
      `${support}/Google/Chrome/NativeMessagingHosts/com.leasehold.host.json`,
      `${support}/Microsoft Edge/NativeMessagingHosts/com.leasehold.host.json`,
      `${support}/Mozilla/NativeMessagingHosts/com.leasehold.host.json`,
    ]);
  });

  test('Windows names its manifests in the registry', () => {
    const { files, registry } = every('system', 'win32');
    expect(registry).toContainEqual({
      key: 'HKLM\\Software\\Google\\Chrome\\NativeMessagingHosts\\com.leasehold.host',
      value: 'C:\\ProgramData\\Leasehold\\chrome.json',
    });
    expect(every('user', 'win32').registry.map(({ key }) => key)).toEqual(
      ['Chromium', 'Google\\Chrome', 'Microsoft\\Edge', 'Mozilla'].map(
        (name) => `HKCU\\Software\\${name}\\NativeMessagingHosts\\com.leasehold.host`,
      ),
    );
    expect(files[0]!.path).toBe('C:\\ProgramData\\Leasehold\\native-host.bat');
    expect(files[0]!.text).toMatch(/^@echo off\r\n"\/usr\/bin\/node" ".+leasehold\.mjs" "native-host" "serve"\r\n$/);
  });
});

test('what is not understood is refused with the next step', async () => {
  const odd = await typed('native-host', 'install', '--browser', 'netscape', '--print');
  expect(odd).toMatchObject({ status: 2, err: expect.stringContaining('chromium, chrome, edge, firefox') });
  expect((await typed('native-host', 'install', '--folder', '/tmp', '--print')).err).toContain('--browser');
});

describe('a browser that asks', () => {
  let bench: Bench;
  let agent: LocalAgent;
  let launcher: string;
  const home = process.env['HOME'];
  beforeAll(async () => {
    bench = await startBench(Date.now());
    agent = await startLocalAgent(bench);
    process.env['HOME'] = join(agent.folder, 'home');
    const words = ['--browser', 'chromium', '--folder', join(agent.folder, 'hosts'), '--config', agent.config];
    const made = await typed('native-host', 'install', ...words, '--json');
    launcher = (JSON.parse(made.out) as { files: { path: string }[] }).files[0]!.path;
  });
  afterAll(async () => {
    expect((await typed('native-host', 'remove')).status).toBe(0);
    expect(existsSync(launcher)).toBe(false);
    process.env['HOME'] = home;
    await agent.close();
    await bench.close();
  });

  /** Starts the host as a browser does and asks everything that is given, then leaves. */
  const ask = (...asked: unknown[]): Promise<{ replies: Reply[]; status: number | null }> => {
    const child = spawn(launcher, ['chrome-extension://whoever/'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const out: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    for (const each of asked) {
      const body = Buffer.from(typeof each === 'string' ? each : JSON.stringify(each));
      const head = Buffer.alloc(4);
      head.writeUInt32LE(body.length);
      child.stdin.write(Buffer.concat([head, body]));
    }
    child.stdin.end();
    return new Promise((resolve) => {
      child.on('close', (status) => {
        const whole = Buffer.concat(out);
        const replies: Reply[] = [];
        for (let at = 0; at < whole.length; at += 4 + whole.readUInt32LE(at)) {
          replies.push(JSON.parse(whole.subarray(at + 4, at + 4 + whole.readUInt32LE(at)).toString()) as Reply);
        }
        resolve({ replies, status });
      });
    });
  };

  test('finds the host by its manifest', () => {
    const manifest = JSON.parse(readFileSync(join(agent.folder, 'hosts/com.leasehold.host.json'), 'utf8'));
    expect(manifest).toMatchObject({ path: launcher, allowed_origins: [`chrome-extension://${CONSOLE.chromium}/`] });
    expect(statSync(launcher).mode & 0o777).toBe(0o755);
  });

  test('is told what the running agent says, with parts by name and no value', async () => {
    const { replies, status } = await ask({ ask: 'status' }, { ask: 'check' });
    expect(status).toBe(0);
    for (const reply of replies) {
      expect(reply).toMatchObject({
        ok: true,
        status: { state: 'licensed', restores: 'open', product: 'acme-backup' },
      });
    }
    const [first] = replies;
    const { parts } = (first as Extract<Reply, { ok: true }>).status.identity;
    expect(Object.keys(parts)).toContain('machine_id');
    for (const state of Object.values(parts)) expect(['value', 'absent', 'not_permitted']).toContain(state);
  });

  test('is told of no authority while none answers, from the lease alone', async () => {
    const before = bench.authority.url;
    await bench.authority.close();
    const { replies } = await ask({ ask: 'status' });
    expect(replies[0]).toMatchObject({ ok: true, status: { offlineUntil: expect.any(String) } });
    await bench.restart(Number(new URL(before).port));
  });

  test('gets a typed answer to anything else, and no process hangs', async () => {
    expect((await ask({ ask: 'secrets' })).replies).toMatchObject([{ ok: false, code: 'ASK_UNKNOWN' }]);
    expect(await ask('no json')).toMatchObject({ replies: [], status: 2 });
    expect((await ask(' '.repeat(5000))).status).toBe(1);
  });

  test('reads what an agent left that runs only now and then, and makes no state where there is none', async () => {
    await agent.license.close();
    expect((await ask({ ask: 'status' })).replies).toMatchObject([{ ok: true, status: { state: 'licensed' } }]);
    const state = join(agent.folder, 'state');
    renameSync(state, `${state}-away`);
    expect((await ask({ ask: 'status' })).replies).toMatchObject([{ ok: false }]);
    expect(existsSync(state)).toBe(false);
  });
});
