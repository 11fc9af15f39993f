import { mkdtemp } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildExtension } from '../../../extension/build.mjs';

/** Builds the extension into a folder of this process alone: suites run side by side. */
export async function buildForTest(): Promise<{ readonly chromium: string; readonly firefox: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-extension-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { chromium, firefox } = (await buildExtension(folder)) as { chromium: string; firefox: string };
  return { chromium, firefox };
}
