import { catalogProblems, type Catalog } from '@leasehold/terms';
import { EXIT, type Command } from '../command.js';
import { readJsonFile } from '../read-file.js';

export const command: Command = {
  args: ['FILE'],
  notes: [
    'FILE is a catalog as docs/catalogs.md describes it. Everything that is wrong is named with its place; exit status 2.',
  ],
  async run(given, io) {
    const [file = ''] = given.args;
    const input = await readJsonFile(file);
    const problems = catalogProblems(input).map(({ code, path, message }) => ({ code, path, message }));
    const about = problems.length === 0 ? aboutOf(input as Catalog) : {};
    if (given.json) io.out(JSON.stringify({ valid: problems.length === 0, ...about, problems }));
    else for (const line of linesOf(file, about, problems)) io.out(line);
    return problems.length === 0 ? EXIT.ok : EXIT.usage;
  },
};

interface About {
  readonly id?: string;
  readonly version?: string;
  readonly profile?: string;
  readonly engine?: number;
  readonly actions?: number;
  readonly rows?: number;
  readonly languages?: readonly string[];
}

function aboutOf({ id, version, profile, engine, rules, cover, tempers, messages = {} }: Catalog): About {
  const rows = [...Object.values(rules), ...Object.values(tempers), cover].flat().length;
  return { id, version, profile, engine, actions: Object.keys(rules).length, rows, languages: Object.keys(messages) };
}

function linesOf(
  file: string,
  { id, version, profile, engine, actions, rows, languages = [] }: About,
  problems: readonly { readonly code: string; readonly path: string; readonly message: string }[],
): readonly string[] {
  if (problems.length > 0) return problems.map(({ code, path, message }) => `${code}: ${path} ${message}`);
  const texts = languages.length === 0 ? 'no texts of its own' : `texts in ${languages.join(', ')}`;
  return [
    `${file} can be used: ${id} ${version}, profile ${profile}, engine ${engine}.`,
    `${rows} rows for ${actions} actions, ${texts}.`,
  ];
}
