// `npm run bench -- NAME [--json]`: one side-by-side measurement from test/bench, as a table or as one JSON object.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import './node-version.mjs';
import { ROOT } from './run.mjs';
import { bold, green, main, red, say } from './screen.mjs';
import { ensurePackages } from './setup.mjs';
import { compile } from './build.mjs';
import { bundleSdk } from './bundle-sdk.mjs';

const FOLDER = join(ROOT, 'test/bench');
const BENCH = /^(.+)\.bench\.(?:ts|mjs)$/;

const benches = () => (existsSync(FOLDER) ? readdirSync(FOLDER) : []).flatMap((file) => BENCH.exec(file)?.[1] ?? []);

/** Loads a bench; TypeScript is bundled first, and measures the built packages, as users run them. */
async function load(name) {
  const plain = join(FOLDER, `${name}.bench.mjs`);
  if (existsSync(plain)) return import(pathToFileURL(plain).href);
  const built = await compile();
  if (built.status !== 0) throw new Error(built.output);
  await bundleSdk();
  const { build } = await import('esbuild');
  const outfile = join(ROOT, `.cache/bench/${name}.mjs`);
  const entryPoints = [join(FOLDER, `${name}.bench.ts`)];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
  });
  return import(pathToFileURL(outfile).href);
}

const cell = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value ?? ''));

function sayTable({ bench, node, rows, goals }) {
  say(bold(`${bench} (Node ${node})`));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, i) => Math.max(...table.map((line) => line[i].length)));
  for (const line of table)
    say(line.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  '));
  for (const { id, value, limit, holds } of goals)
    say(`${holds ? green('✓') : red('✗')} ${id}: ${cell(value)} (limit ${cell(limit)})`);
}

/** A missed goal is a result, not a failure of the command: the status stays 0. */
await main(async () => {
  const name = process.argv.slice(2).find((each) => !each.startsWith('--'));
  if (!name || !benches().includes(name)) {
    console.error(`${name ? `There is no bench named ${name}. ` : ''}Benches: ${benches().join(', ') || 'none yet'}`);
    return 2;
  }
  await ensurePackages();
  const { bench } = await load(name);
  const { rows, goals } = await bench();
  const report = { bench: name, node: process.versions.node, rows, goals };
  if (process.argv.includes('--json')) say(JSON.stringify(report));
  else sayTable(report);
  // Servers and pools that a bench leaves open must not keep the command alive once all is written.
  process.stdout.write('', () => process.exit(0));
  return 0;
});
