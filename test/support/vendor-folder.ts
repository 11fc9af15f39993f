import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './sdk-fixture.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'packages/sdk/dist');

/** A vendor's folder: the package as it is published, undici, and nothing else of ours. */
export function vendorFolder(): string {
  if (!existsSync(join(DIST, 'index.cjs'))) throw new Error('The SDK is not built: run `npm run build` first.');
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules/@leasehold/sdk');
  mkdirSync(installed, { recursive: true });
  cpSync(DIST, join(installed, 'dist'), { recursive: true, filter: (path) => !path.includes('/dist/tsc') });
  cpSync(join(ROOT, 'packages/sdk/package.json'), join(installed, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules/undici'), join(folder, 'node_modules/undici'));
  return folder;
}
