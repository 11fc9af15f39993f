// `node scripts/rules-page.mjs` writes docs/rules.md from the catalogs and the texts; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { picks, policyFields } from './rules-picks.mjs';
import { ROOT } from './run.mjs';

export const PAGE = 'docs/rules.md';

/** The rules as this clone has them, bundled in memory: no build is needed. */
async function loadTerms() {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'packages/terms/src/index.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    conditions: ['@leasehold/source'],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}

const cell = (text) => String(text).replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
const code = (text) => `\`${text}\``;

/** Every row of a catalog with what it speaks of. */
function rowsOf({ rules, tempers, cover }) {
  const byAction = [rules, tempers].flatMap(Object.entries);
  const asked = byAction.flatMap(([action, rows]) => rows.map(({ id }) => [id, action]));
  return [...asked, ...cover.map(({ id }) => [id, 'cover of a machine'])];
}

/** Rule → what its rows in all catalogs speak of, in the natural order of the ids. */
function rulesOf({ catalogs, citations }) {
  const rows = Object.values(catalogs).flatMap(rowsOf);
  const collator = new Intl.Collator('en', { numeric: true });
  return [...citations.keys()].sort(collator.compare).map((id) => {
    const { same } = citations.get(id);
    const on = new Set(rows.filter(([rule]) => rule === id).map(([, action]) => action));
    return [id, [...on, ...(same ? [`see ${same}`] : [])].join(', ')];
  });
}

function place({ sources, citations }, id) {
  const { source, section, lines } = citations.get(id);
  const title = sources[source];
  if (source === 'defaults' || source === 'field') return title;
  return `${title}, ${section}${lines === undefined ? '' : ` (lines ${lines})`}`;
}

/** One line for each outcome of each rule whose id starts with a prefix. */
function ruleTable(terms, prefix) {
  const english = terms.reasonsOf(terms.en);
  const japanese = terms.reasonsOf(terms.ja);
  const rows = rulesOf(terms)
    .filter(([id]) => id.startsWith(prefix))
    .flatMap(([id, on]) => {
      const causes = [...english.keys()].filter((cause) => cause === id || cause.startsWith(`${id} `));
      return causes.map((cause, n) => [
        n === 0 ? `**${id}**` : id,
        n === 0 ? place(terms, id) : '',
        n === 0 ? on : '',
        cause.slice(id.length + 1) || 'not named by a decision',
        english.get(cause)[0],
        japanese.get(cause)[0],
      ]);
    });
  return table(['Rule', 'Where it stands', 'Applies to', 'Outcome', 'English', '日本語'], rows);
}

/** The rows of each action in their order: the first that answers is named. */
function orderTable(terms) {
  const rows = Object.values(terms.catalogs).flatMap((catalog) => {
    return Object.entries(catalog.rules).map(([action, ordered]) => {
      const order = ordered.map(({ id }) => id);
      const tempers = (catalog.tempers[action] ?? []).map(({ id }) => id);
      const steps = order.filter((id, n) => id !== order[n - 1]).join(' → ');
      return [catalog.id, code(action), steps, tempers.join(' → ')];
    });
  });
  const covers = Object.values(terms.catalogs)
    .filter(({ cover }) => cover.length > 0)
    .map(({ id, cover }) => [id, 'cover of a machine', cover.map((row) => row.id).join(' → '), '']);
  return table(['Catalog', 'Action', 'Rows', 'Then softened by'], [...rows, ...covers]);
}

/** What the rows of each kind hold, as the built-in rows show it, and the rules that are made of it. */
function kindTable({ catalogs }, list) {
  const rows = Object.values(catalogs).flatMap((catalog) =>
    Object.values(catalog[list])
      .flat()
      .map((row) => ({ ...row, profile: catalog.id })),
  );
  return table(
    ['Kind', 'Profile', 'Holds, for instance', 'Rules'],
    unique(rows.map(({ kind }) => kind)).map((kind) => {
      const made = rows.filter((row) => row.kind === kind);
      const all = (name) => unique(made.map((row) => row[name])).join(', ');
      return [code(kind), all('profile'), parameters(made), all('id')];
    }),
  );
}

const unique = (values) => [...new Set(values)];

function parameters(rows) {
  const names = unique(rows.flatMap(Object.keys)).filter((name) => !['id', 'kind', 'profile'].includes(name));
  return names.map((name) => code(`${name}: ${JSON.stringify(rows.find((row) => name in row)[name])}`)).join(' ');
}

function policyTable({ catalogs }) {
  const shown = (value) => (value === undefined ? 'absent' : code(JSON.stringify(value)));
  const rows = policyFields.map(([field, rule, unit, meaning]) => [
    code(field),
    shown(catalogs.generic.policy[field]),
    unit,
    meaning,
    rule,
  ]);
  return table(['Field', 'Default', 'Unit', 'What it decides', 'By'], rows);
}

const pickTable = () =>
  table(
    ['Pick', 'Rule', 'Taken', 'The other reading', 'Why', 'Changed by'],
    picks.map(([id, rule, taken, other, why, change = '']) => [id, rule, taken, other, why, change]),
  );

const COMBINING = `A grade (D-3, then D-2) speaks for the license that carries an allow: of several that are needed together the one that
ends first, of several that would each do the one that lasts longest. It comes before any other warning and is then named
alone. \`warnings\` holds one entry, but for the doubts of a boot medium (F-10) and the warnings of a conversion, which
stand together. \`daysLeft\` rounds up between instants and counts calendar days between days, in the account's zone where
it has one. After its days of grace a license counts no more, and the profile's own rule answers. \`until\` is when time
alone ends the answer. \`also\` names a rule that stands with the one that decided.`;

/** The whole page. */
export async function rulesPage() {
  const terms = await loadTerms();
  return `# The license rules

Written by \`node scripts/rules-page.mjs\` from \`packages/terms/src/catalogs\` and \`reasons\`; a test compares. Change it there.

Decisions: **allow** · **warn** (allowed, and to be shown) · **needs** (refused now; the listed licenses would cure it) ·
**refuse** (buying nothing cures it as asked). An outcome below is a decision with its code or warning. Remedies and who
can cure a cause stand in the language files and in \`reasons/roles.ts\`.

## 1.1 Machines and hypervisor hosts

${ruleTable(terms, 'AIP-')}

## 1.2 Instances

${ruleTable(terms, 'MSP-')}

## 1.3 Pools

${ruleTable(terms, 'LMP-')}

## 1.4 Defaults

${ruleTable(terms, 'D-')}

## 1.5 Order of checks

Of the rows of an action the first that answers decides; field rules and grades then may soften it.

${orderTable(terms)}

## 1.6 Picks and policy

Where a source can be read in two ways:

${pickTable()}

The fields of \`policy\`, as facts may set them:

${policyTable(terms)}

## 1.7 Field rules

${ruleTable(terms, 'F-')}

## 1.8 How findings combine

${COMBINING}

## 1.9 Kinds of rows

A row of a catalog is of one of these kinds. The test behind a kind is code; what it holds is the row's. How a vendor
writes a catalog of its own is in [catalogs.md](catalogs.md).

Rows that may answer (\`rules\`):

${kindTable(terms, 'rules')}

Rows that may say whether a machine is covered (\`cover\`):

${kindTable(terms, 'cover')}

Rows that may soften an answer (\`tempers\`):

${kindTable(terms, 'tempers')}
`;
}

/** Compares docs/rules.md with the rules. @returns a line for each problem */
export async function checkRulesPage() {
  const right = (await rulesPage()) === readFileSync(join(ROOT, PAGE), 'utf8');
  return right ? [] : [`${PAGE}: is not what the rules say; run node scripts/rules-page.mjs`];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--check')) {
    const problems = await checkRulesPage();
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  } else writeFileSync(join(ROOT, PAGE), await rulesPage());
}
