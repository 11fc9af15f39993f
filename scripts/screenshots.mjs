// Takes pictures of every page of the console, in each theme, language and width, against a real authority.
//   node scripts/screenshots.mjs [--only NAME] [--look wide-light-en] [--docs]
// --docs also renews the pictures that the documentation shows.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, tool } from './run.mjs';
import { main, say, ScriptProblem } from './screen.mjs';
import { toolVariables } from './tools.mjs';

const OUT = join(ROOT, '.cache/screenshots');
const LIMIT = 200_000; // bytes of a picture in the documentation

/** Pictures `docs-NAME.png` that the documentation shows as docs/NAME.png. */
const DOCS = ['console', 'console-pools', 'console-licenses-ja'];

/** Pictures use Inter where it is installed, as many readers' systems look; the console itself takes the system's font. */
function fontSettings() {
  let fonts = '';
  try {
    fonts = execFileSync('fc-list', ['Inter', 'family'], { encoding: 'utf8' });
  } catch {
    return {};
  }
  if (!fonts.includes('Inter')) return {};
  const file = join(ROOT, '.cache/fonts.conf');
  const prefer = (family) =>
    `<alias binding="same"><family>${family}</family><prefer><family>Inter</family><family>Noto Sans CJK JP</family></prefer></alias>`;
  const families = ['system-ui', 'sans-serif', 'sans', 'DejaVu Sans'].map(prefer).join('');
  const head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">';
  writeFileSync(file, `${head}<fontconfig><include>/etc/fonts/fonts.conf</include>${families}</fontconfig>\n`);
  return { FONTCONFIG_FILE: file };
}

function renewDocs() {
  for (const name of DOCS) {
    const from = join(OUT, `docs-${name}.png`);
    const { size } = statSync(from);
    if (size > LIMIT) throw new ScriptProblem('PICTURE_TOO_LARGE', `${name} has ${size} bytes.`, `At most ${LIMIT}.`);
    copyFileSync(from, join(ROOT, 'docs', `${name}.png`));
    say(`docs/${name}.png ${Math.round(size / 1000)} kB`);
  }
}

await main(async () => {
  mkdirSync(OUT, { recursive: true });
  const args = process.argv.slice(2);
  const valueOf = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : '');
  const env = {
    ...toolVariables(),
    ...fontSettings(),
    LEASEHOLD_SCREENSHOTS: OUT,
    LEASEHOLD_SCREENSHOTS_ONLY: valueOf('--only'),
    LEASEHOLD_SCREENSHOTS_LOOK: valueOf('--look'),
  };
  const { status } = await tool('vitest/vitest.mjs', ['run', '--config', 'test/extension/screenshots.config.ts'], {
    show: true,
    env,
  });
  if (status !== 0) return status;
  say(`${readdirSync(OUT).length} pictures in ${OUT}`);
  if (args.includes('--docs')) renewDocs();
  return 0;
});
