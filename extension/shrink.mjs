// What keeps the console within its size: of the sources only what it can use, each cause once, and a second minifier.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minifySync } from 'oxc-minify';

const HERE = import.meta.dirname;

const SERVER_ONLY =
  /^ +(?:summary|request|reply|access|scope|query|sort|as):\s+(?:'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\{[^}]*\}),\n/gm;

const ROW = /^  (\w+): \{(?:.*\},|[^]*?\n  \},)\n/gm;
/** A call by its name, or a name of several words, wherever it stands in quotes. */
const CALLED = /\b(?:call|text|pathOf)\(\s*'\w+(?=')|(?<=['"])[a-z]+[A-Z]\w*(?=['"])/g;
const called = new Set(
  readdirSync(join(HERE, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => readFileSync(join(HERE, 'src', path), 'utf8').match(CALLED) ?? [])
    .map((found) => found.replace(/.*'/s, '')),
);

const named = (row, name) => (called.has(name) ? row : '');

/** Of the route table the console has the calls that its sources name, and of each no more than method and path. */
const callsOnly = (source) => source.replaceAll(ROW, named).replaceAll(SERVER_ONLY, '');

const SENTENCES = /sentences: `\n([^]*?)\n`/;
const causeOf = (row) => row.split(' | ', 1)[0];
/** A row of a rule alone describes a rule that no decision names: it is for the documentation. */
const rowsOf = (source) =>
  SENTENCES.exec(source)[1]
    .split('\n')
    .filter((row) => causeOf(row).includes(' '));
const withSentences = (source, text) => source.replace(SENTENCES, () => `sentences: ${text}`);

const causesOnly = (source) => withSentences(source, `\`${rowsOf(source).join('\n')}\``);

/** The console has both languages: the second takes the causes of its rows from the first. */
function causesOnce(source, path) {
  const rows = rowsOf(source);
  const causes = rowsOf(readFileSync(join(path, '../en.ts'), 'utf8')).map(causeOf);
  if (rows.map(causeOf).join() !== causes.join()) throw new Error(`${path}: other causes, or in another order`);
  const texts = rows.map((row) => row.slice(causeOf(row).length)).join('\n');
  const head = "import { en } from './en.js';\nconst rows = en.sentences.split('\\n');\n";
  const joined = ".split('\\n').map((text, n) => rows[n].split(' | ', 1) + text).join('\\n')";
  return head + withSentences(source, `\`${texts}\`${joined}`);
}

const rewrite = (name, filter, contentsOf) => ({
  name,
  setup({ onLoad }) {
    onLoad({ filter }, async ({ path }) => ({
      contents: await contentsOf(readFileSync(path, 'utf8'), path),
      loader: 'ts',
    }));
  },
});

/** Texts stand together, each beside its translation, apart from the code: gzip looks back 32 kB for what repeats, and
 * most is repeated of the reasons. Not those of the core, which popup and worker share. This entry says so to esbuild;
 * what comes out for itself is left out of the package. */
export const TEXTS = 'texts';
const REASONS = '../packages/terms/src/reasons';
const textsTogether = {
  name: 'texts-together',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^texts$/ }, () => ({ path: TEXTS, namespace: TEXTS }));
    onLoad({ filter: /./, namespace: TEXTS }, () => {
      const files = readdirSync(join(HERE, 'src/texts/en')).filter((file) => file !== 'core.ts');
      const paths = [`./${REASONS}/LANGUAGE.ts`, ...files.map((file) => `./src/texts/LANGUAGE/${file}`)];
      const pairs = paths.flatMap((path) => ['en', 'ja'].map((language) => path.replace('LANGUAGE', language)));
      const contents = pairs.map((path, n) => `export * as t${n} from '${path}';`).join('\n');
      return { contents, resolveDir: HERE };
    });
  },
};

/** Rewrites sources before esbuild bundles them. */
export const plugins = [
  textsTogether,
  rewrite('calls-only', /protocol[\\/]src[\\/][a-z]+-routes\.ts$/, callsOnly),
  rewrite('causes-only', /terms[\\/]src[\\/]reasons[\\/]en\.ts$/, causesOnly),
  rewrite('causes-once', /terms[\\/]src[\\/]reasons[\\/]ja\.ts$/, causesOnce),
];

/** A bundle of esbuild's, smaller by what this minifier folds that esbuild leaves: 2 % gzipped. */
export function smaller(path, code) {
  const { code: small, errors } = minifySync(path, code, { module: true, compress: { target: 'chrome137' } });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  return small;
}
