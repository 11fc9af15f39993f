import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConnection } from '@leasehold/protocol';
import { firstLine, runCommand, startCommand, stop } from '../support/command.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'leasehold-main-job-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const play = (...options: string[]): ReturnType<typeof runCommand> =>
  runCommand(['demo', '--dir', join(folder, 'demo'), '--extension', '/x', ...options], folder);

describe('the main job', () => {
  it('plays all nine steps on this machine, writes below its folder alone, and nothing raw of this machine', async () => {
    const { status, out, err } = await play('--once');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (let step = 1; step <= 9; step += 1) expect(out).toMatch(new RegExp(`^${step}\\. `, 'm'));
    expect(out).toContain('3 License Pools, 4 Pool Keys');
    expect(out).toContain('every byte is the same');
    expect(out.match(/⊘/g)).toHaveLength(6);
    expect(out).toContain('Held by Anna on customer-server-1');
    expect(parseConnection(out.trim().split('\n').at(-1) ?? '').url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readdirSync(folder)).toEqual(['demo']);
    const raw = ['/etc/machine-id', '/sys/class/dmi/id/product_uuid', '/sys/class/dmi/id/product_serial'];
    const secrets = raw.flatMap((path) => {
      try {
        return readFileSync(path, 'utf8').trim().toLowerCase() || [];
      } catch {
        return [];
      }
    });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(10);
    for (const entry of files) {
      const text = readFileSync(join(entry.parentPath, entry.name), 'latin1').toLowerCase();
      for (const secret of secrets) expect(text.includes(secret), entry.name).toBe(false);
    }
    const { mode } = statSync(join(folder, 'demo/root-key.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('keeps running without --once, refuses a second one in the same folder, and takes the authority along at its end', async () => {
    const child = startCommand(['demo', '--dir', join(folder, 'demo')], folder);
    await firstLine(child);
    const second = await play('--once');
    expect(second).toMatchObject({ status: 1, out: '' });
    expect(second.err).toContain('CONFLICT');
    const printed: string[] = [];
    child.stdout?.on('data', (chunk: Buffer) => void printed.push(chunk.toString()));
    await expect.poll(() => printed.join(''), { timeout: 60_000 }).toContain('Ctrl-C ends the authority.');
    const { url } = parseConnection(/leasehold-connect:\S+/.exec(printed.join(''))?.[0] ?? '');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await stop(child);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('never deletes a folder that it did not make', async () => {
    writeFileSync(join(folder, 'precious.txt'), 'mine');
    const { status, err } = await runCommand(['demo', '--dir', folder, '--once']);
    expect(status).toBe(1);
    expect(err).toContain('holds files that are not of a demo');
    expect(existsSync(join(folder, 'precious.txt'))).toBe(true);
  });

  it('names the step that failed and ends with status 1', async () => {
    // An engine that is found and fails: the story must stop at its step.
    const bin = join(folder, 'bin');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'restic'),
      '#!/bin/sh\ncase "$1" in version) exit 0;; *) echo broken >&2; exit 5;; esac\n',
      { mode: 0o755 },
    );
    const before = process.env['PATH'];
    process.env['PATH'] = `${bin}:${before}`;
    try {
      const { status, out, err } = await play('--once');
      expect(status).toBe(1);
      expect(err).toContain('Step 4 failed: restic ended with status 5: broken');
      expect(out).not.toContain('5. ');
    } finally {
      process.env['PATH'] = before;
    }
  });
});
