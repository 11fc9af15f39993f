import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scaleFigures, type Report } from '../bench/scale/page.js';

const ROOT = join(import.meta.dirname, '../..');
const evidence = (name: string): Report =>
  JSON.parse(readFileSync(join(ROOT, `docs/evidence/bench-${name}.json`), 'utf8')) as Report;
/** A table as it is meant: the formatter of the page fills its columns up. */
const bare = (markdown: string): string => markdown.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---');

test(
  'the figures of docs/scale.md are what the measurements and the simulation give',
  { timeout: 120_000 },
  async () => {
    const page = readFileSync(join(ROOT, 'docs/scale.md'), 'utf8');
    const figures = await scaleFigures(evidence('herd'), evidence('authority'));
    for (const table of figures.split('\n\n')) expect(bare(page)).toContain(bare(table));
  },
);
