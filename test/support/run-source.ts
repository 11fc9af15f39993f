import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts a TypeScript program of the tests as a process of its own, so that it can be killed. Bundled from the
 * sources, once, into a cache folder inside node_modules, from where it finds the installed packages. */
export async function forkSource(entry: string, args: readonly string[]): Promise<ChildProcess> {
  return fork(await bundleSource(entry), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** The path of the bundled program, for who starts it in a way of its own. */
export function bundleSource(entry: string): Promise<string> {
  let program = bundled.get(entry);
  if (program === undefined) bundled.set(entry, (program = bundle(entry)));
  return program;
}

const bundled = new Map<string, Promise<string>>();

async function bundle(entry: string): Promise<string> {
  const outfile = join(
    cacheFolder(),
    `${createHash('sha256').update(entry).digest('hex').slice(0, 16)}-${process.pid}.mjs`,
  );
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    conditions: ['@leasehold/source'],
    plugins: [keepOwnUrls],
    logLevel: 'error',
  });
  return outfile;
}

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly '@leasehold/source': string }>>;
}

/** Each source keeps the URL that it has unbundled: the store finds its worker and a registry's module by it. Packages
 * of the workspace are bundled, the others stay outside. */
const keepOwnUrls: Plugin = {
  name: 'keep-own-urls',
  setup(builder) {
    builder.onResolve({ filter: /^@leasehold\// }, ({ path }) => {
      const [, name = '', ...door] = path.split('/');
      const folder = join(root, 'packages', name);
      const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
      return { path: join(folder, exports[['.', ...door].join('/')]?.['@leasehold/source'] ?? '') };
    });
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        /(?<!')import\.meta\.url/g,
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }));
  },
};

function cacheFolder(): string {
  const folder = join(root, 'node_modules', '.cache', 'leasehold-test');
  mkdirSync(folder, { recursive: true });
  return folder;
}
