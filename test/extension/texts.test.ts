import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EVENT_TYPES } from '@leasehold/protocol';
import { expect, test } from 'vitest';

const folder = (language: string) => fileURLToPath(new URL(`../../extension/src/texts/${language}/`, import.meta.url));
const files = readdirSync(folder('en'));

/** Every text by its path; functions are called with recognizable arguments. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const args = Array.from({ length: value.length }, (_, i) => `@${i}`);
    return leaves((value as (...args: string[]) => unknown)(...args), path);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => leaves(each, `${path}.${name}`));
}

async function texts(language: string, file: string): Promise<Map<string, string>> {
  const module = (await import(folder(language) + file)) as Record<string, unknown>;
  return new Map(Object.entries(module).flatMap(([name, value]) => leaves(value, name)));
}

/** Names, units and words that Japanese consoles write in Latin letters too. */
const LATIN = [
  /^[A-Z][\w ]*$/,
  /^leasehold/,
  /^—$/,
  /^@\d$/,
  /^$/,
  /^[\s·:、。.]*$/,
  /^\W*@\d\W*$/,
  /^@\d \(@\d\)$/,
  /^(?:@\d|[^\p{L}])*$/u,
  /^@\d：@\d$/,
  /^macOS$/,
];
const JAPANESE = /[぀-ヿ一-鿿]/;

test('there are texts to look at', () => {
  expect(files.length).toBeGreaterThan(4);
});

test.each(files)('%s says everything in both languages', async (file) => {
  const [en, ja] = [await texts('en', file), await texts('ja', file)];
  expect([...ja.keys()]).toEqual([...en.keys()]);
  for (const [path, text] of ja) {
    const isLatin = LATIN.some((pattern) => pattern.test(text));
    expect(JAPANESE.test(text) || isLatin, `${path} is not translated: ${text}`).toBe(true);
  }
});

test.each(files)('%s uses in Japanese what it uses in English', async (file) => {
  const [en, ja] = [await texts('en', file), await texts('ja', file)];
  const used = (text: string) => [...new Set(text.match(/@\d/g))].toSorted();
  for (const [path, text] of en) {
    // A plural says its number once or not at all; what is named must be named.
    const lost = used(text).filter((arg) => !used(ja.get(path) ?? '').includes(arg));
    expect(lost, `${path}: ${text} / ${ja.get(path)}`).toEqual([]);
  }
});

test('the texts that the sources fix are exact', async () => {
  const pages = await texts('en', 'pages.ts');
  expect(pages.get('pages.licenses.notPurchased')).toBe('You have not purchased licenses of this type');
  expect(pages.get('pages.licenses.noMatch')).toBe('No licenses match the filters');
  const pools = await texts('en', 'pools.ts');
  expect(pools.get('pools.addToPool')).toBe('Add to Pool');
  expect(pools.get('pools.tabs.manage')).toBe('Manage License Pools');
});

test('no text is a bare "Error", "OK" or "grace", and none says that a restore is blocked', async () => {
  for (const file of files) {
    for (const [path, text] of await texts('en', file)) {
      expect(text, path).not.toMatch(/^(error|ok|grace)$/i);
      expect(text, path).not.toMatch(/restores? (is|are) (blocked|not possible|closed|stopped)/i);
    }
  }
});

test.each(['en', 'ja'])('the journal says every event of the protocol in %s', async (language) => {
  const said = await texts(language, 'journal.ts');
  expect(EVENT_TYPES.length).toBeGreaterThan(70);
  for (const type of EVENT_TYPES) {
    const own = [...said].filter(([path]) => `${path}.`.startsWith(`journal.sentences.${type}.`));
    expect(own.length, type).toBeGreaterThan(0);
    for (const [, text] of own) expect(text).not.toContain('undefined');
  }
});
