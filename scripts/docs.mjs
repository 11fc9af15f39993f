// Docs that may not drift: every dependency has its line with a reason, and the rules stand as the catalogs have them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRulesPage } from './rules-page.mjs';
import { ROOT } from './run.mjs';
import { folderOf, packagesIn } from './sources.mjs';

const PAGE = 'docs/dependencies.md';
const ROW = /^\| `([^`]+)`\s*\|[^|]*\|(.+)\|$/gm;

const manifest = (folder) => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));

/** Names of all packages of others that any of our manifests lists. */
function dependencies() {
  const manifests = ['.', ...packagesIn(ROOT).map(folderOf)].map(manifest);
  const names = manifests.flatMap((each) =>
    Object.keys({ ...each.dependencies, ...each.devDependencies, ...each.optionalDependencies }),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('@leasehold/')).sort();
}

/** Compares docs/dependencies.md with the manifests, and docs/rules.md with the catalogs. @returns `{entries, problems}` */
export async function checkDocs() {
  const rows = [...readFileSync(join(ROOT, PAGE), 'utf8').matchAll(ROW)];
  const documented = rows.filter(([, , reason]) => reason.trim().length > 20).map(([, name]) => name);
  const needed = dependencies();
  return {
    entries: documented.length,
    problems: [
      ...needed
        .filter((name) => !documented.includes(name))
        .map((name) => `${PAGE}: no line with a reason for ${name}`),
      ...documented
        .filter((name) => !needed.includes(name))
        .map((name) => `${PAGE}: ${name} is no dependency (any more)`),
      ...(await checkRulesPage()),
    ],
  };
}
