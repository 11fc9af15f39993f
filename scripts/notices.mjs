// The license texts that must travel with a bundle: of every package of others whose code is in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;
/** Licenses that let a bundle name the place of their text and of the unchanged source instead (MPL 2.0, 3.2). */
const BY_LINK = { 'MPL-2.0': 'https://mozilla.org/MPL/2.0/' };
const RULER = `\n${'-'.repeat(80)}\n`;

/** Texts of the packages behind esbuild's inputs, whose paths may be relative to any folder of the clone. */
export function noticesOf(inputs) {
  const folders = new Set(inputs.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  const notices = [...folders]
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => {
      const folder = join(ROOT, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const link = BY_LINK[license];
      if (link) {
        const source = `https://www.npmjs.com/package/${name}/v/${version}`;
        return `${name} ${version} (${license})\n\nUnchanged; its source: ${source}\nIts license: ${link}\n`;
      }
      const file = readdirSync(folder).find((each) => LICENSE_FILE.test(each));
      if (!file && !license) throw new Error(`${name} says nothing of its license: it may not be bundled`);
      return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${license}`}\n`;
    });
  return ['This software contains the following packages.', ...notices].join(RULER);
}
