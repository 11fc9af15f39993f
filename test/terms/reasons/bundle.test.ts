import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const terms = fileURLToPath(new URL('../../../packages/terms/src/index.ts', import.meta.url));

async function bundled(names: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names} } from ${JSON.stringify(terms)}`, resolveDir: '/', sourcefile: 'entry.js' },
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    write: false,
    conditions: ['@leasehold/source'],
  });
  return outputFiles[0]!.text;
}

const english = 'Restores are always open.';
const japanese = '復元はいつでも可能です。';

test('a bundle that decides carries no language', async () => {
  const text = await bundled('decide, readCase');
  expect(text).not.toContain(english);
  expect(text).not.toContain(japanese);
  expect(text.length).toBeGreaterThan(10_000);
});

test('a bundle that explains carries the one it asks for', async () => {
  const text = await bundled('decide, explain, ja');
  expect(text).toContain(japanese);
  expect(text).not.toContain(english);
});
