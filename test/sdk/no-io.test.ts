import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { Site } from '../support/sdk-fixture.js';

const SILENT = fileURLToPath(new URL('../support/sdk-silent.ts', import.meta.url));
const IMPORT = fileURLToPath(new URL('../support/sdk-import.ts', import.meta.url));

describe('authorize', () => {
  test('touches neither disk nor network nor another process', async () => {
    const site = await Site.start();
    const { testing: _testing, ...options } = site.options({ activation: { key: LICENSE_KEY } });
    const child = await forkSource(SILENT, [JSON.stringify(options)]);
    let errors = '';
    child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
    const told = await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (status) => reject(new Error(`It ended by itself (${status}): ${errors}`)));
    });
    expect(told).toEqual({
      answers: ['true,true,true,false'],
      touched: [],
      checked: true,
      sentence: expect.stringContaining('not one that can be judged'),
      state: 'licensed',
    });
  });
});

describe('importing the SDK', () => {
  test('adds no environment variable, no open handle, no global and no output', async () => {
    const child = await forkSource(IMPORT, []);
    let output = '';
    child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    const told = await new Promise((resolve) => child.once('message', resolve));
    expect(told).toEqual({ environment: [], globals: [], handles: [], listeners: [], undici: false });
    expect(output).toBe('');
  });
});
