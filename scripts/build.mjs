// Builds what the clone runs from: packages by tsc, the SDK for ESM and CommonJS, the extension.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import './node-version.mjs';
import { bundleSdk } from './bundle-sdk.mjs';
import { ROOT, run, tool } from './run.mjs';
import { main, ScriptProblem, step } from './screen.mjs';
import { ensurePackages } from './setup.mjs';
import { folderOf, packagesIn } from './sources.mjs';

const FAILED = 'See the lines above; nothing that was built before is lost.';

/** Runs a command whose failure is a build failure; its output is shown only then. */
async function must(running) {
  const { status, output } = await running;
  if (status !== 0) throw new ScriptProblem('BUILD_FAILED', output.trim(), FAILED);
}

/** Compiles every package and the extension's types; only what changed is compiled again. */
export const compile = () => tool('typescript/bin/tsc', ['-b', ...packagesIn(ROOT).map(folderOf)]);

async function buildExtension() {
  const script = join(ROOT, 'extension/build.mjs');
  if (existsSync(script)) await must(run(process.execPath, [script]));
}

/** Builds everything, a line for each part. @throws ScriptProblem BUILD_FAILED */
export async function buildAll() {
  await step('packages', () => must(compile()));
  await step('SDK for vendors', bundleSdk);
  await step('extension for Chromium and Firefox', buildExtension);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    await ensurePackages();
    await buildAll();
  });
}
