import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction, createContext, runInContext, type Context } from 'node:vm';
import type * as Sdk from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { Site, cleanUp } from '../support/sdk-fixture.js';
import { vendorFolder } from '../support/vendor-folder.js';

/** The package as jest loads it, and a host of plugins: its code in a realm of its own, Node's own modules in ours. */
function foreignRealm(): { readonly sdk: typeof Sdk; readonly run: (code: string) => unknown } {
  const context = createContext();
  const names = Object.getOwnPropertyNames(globalThis).filter(
    (name) => !runInContext(`'${name}' in globalThis`, context),
  );
  const globals = names.map((name) => [name, (globalThis as Record<string, unknown>)[name]] as const);
  Object.assign(context, Object.fromEntries(globals), { ArrayBuffer, Uint8Array });
  const load = loaderIn(context);
  const entry = join(vendorFolder(), 'node_modules/@leasehold/sdk/dist/index.cjs');
  return { sdk: load(entry) as typeof Sdk, run: (code) => runInContext(code, context) };
}

function loaderIn(parsingContext: Context): (file: string) => unknown {
  const loaded = new Map<string, { exports: unknown }>();
  const words = ['module', 'exports', 'require', '__filename', '__dirname'];
  const load = (filename: string): unknown => {
    const known = loaded.get(filename);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(filename, module);
    const require = createRequire(filename);
    const within = (id: string): unknown => (isBuiltin(id) ? require(id) : load(require.resolve(id)));
    const body = compileFunction(readFileSync(filename, 'utf8'), words, { filename, parsingContext });
    body.call(module.exports, module, module.exports, within, filename, dirname(filename));
    return module.exports;
  };
  return load;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

describe('in a realm of its own', () => {
  test('what a listener throws is a warning of the process, and stops no check-in', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error): void => void warnings.push(warning);
    process.on('warning', hear);
    cleanUp(() => process.off('warning', hear));
    const { sdk, run } = foreignRealm();
    const site = await Site.start();
    const license = await sdk.openLicense(site.options({ activation: { key: LICENSE_KEY } }));
    cleanUp(() => license.close());
    license.on('change', run("() => { throw new Error('expected 1 to be 2'); }") as () => void);
    expect(await license.check()).toMatchObject({ ok: true });
    await expect.poll(() => warnings.map(({ message }) => message).join()).toContain('expected 1 to be 2');
  });

  test('what the system says of a connection is told as everywhere', async () => {
    const { sdk } = foreignRealm();
    const site = await Site.start();
    const authority = `http://127.0.0.1:${await closedPort()}`;
    const license = await sdk.openLicense({ ...site.options({ activation: { key: LICENSE_KEY } }), authority });
    cleanUp(() => license.close());
    const { message, remedy } = (await license.check()).problem!;
    expect(message).toBe(`Nothing answers at this address and port: the connection was refused (${authority}).`);
    expect(remedy).toBe('Start the authority, or correct its address and port.');
  });
});
