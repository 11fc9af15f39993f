// Our packages and where their sources are: the one list that build, check and floors read.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Floors of the house, lowest first (docs/architecture.md). A package imports only from floors below its own. */
export const FLOORS = {
  terms: 0,
  protocol: 1,
  fingerprint: 1,
  inventory: 1,
  sdk: 2,
  authority: 2,
  cli: 3,
  relay: 3,
  openfeature: 3,
  extension: 3,
};

/** Runs in any runtime or only in the browser: a Node built-in in it would break the other end of the wire. */
export const NODE_FREE = ['terms', 'protocol', 'extension'];

/** Folder of a package below `root`, with forward slashes. */
export const folderOf = (name) => (name === 'extension' ? 'extension' : `packages/${name}`);

/** Names of the packages that exist below `root`. */
export const packagesIn = (root) => Object.keys(FLOORS).filter((name) => existsSync(join(root, folderOf(name), 'src')));

/** The package that a path relative to root (forward slashes) belongs to, or undefined. */
export const packageOf = (path) => /^(?:packages\/([^/]+)|(extension))\//.exec(path)?.slice(1).find(Boolean);

/** All files below `folder` whose name matches, relative to root, with forward slashes; [] when it is not there. */
export function filesBelow(root, folder, pattern) {
  const top = join(root, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .filter((path) => !/(^|\/)(node_modules|dist|generated)\//.test(path))
    .sort();
}

/** Source file behind an import of one of our packages, by its `@leasehold/source` condition. */
export function sourceOf(root, specifier) {
  const [, name, subpath = ''] = /^@leasehold\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  const folder = join(root, folderOf(name ?? ''));
  if (!name || !existsSync(join(folder, 'package.json'))) return undefined;
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const source = exports?.[`.${subpath}`]?.['@leasehold/source'];
  return source && join(folder, source);
}
