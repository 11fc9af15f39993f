import { createRequire } from 'node:module';
import type { License } from '@leasehold/sdk';

/** A process that shows that `authorize` reads no file and opens no connection: after the license is open, every function
 * of node:fs, net, tls, dns, http and child_process throws, also those that were taken before. It tells what was answered. */
const { openLicense } = await import('@leasehold/sdk');
const options = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof openLicense>[0];
const license: License = await openLicense(options);
const handle = license.bind({ action: 'backup', machine: 'self' });
await new Promise((resolve) => setTimeout(resolve, 500));

const touched: string[] = [];
const require = createRequire(import.meta.url);
const MODULES = ['fs', 'fs/promises', 'net', 'tls', 'dns', 'dns/promises', 'http', 'https', 'child_process', 'dgram'];
const modules = MODULES.map((name) => [name, require(`node:${name}`) as Record<string, unknown>] as const);
for (const [name, module] of modules) {
  for (const [member, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(module))) {
    if (typeof value !== 'function' || writable !== true) continue;
    module[member] = () => {
      touched.push(`${name}.${member}`);
      throw new Error(`${name}.${member} was called`);
    };
  }
}
// ES modules see the new members of a built-in only after this.
(require('node:module') as { syncBuiltinESMExports(): void }).syncBuiltinESMExports();
let checked = false;
try {
  (require('node:fs') as { readFileSync(path: string): void }).readFileSync('/etc/hostname');
} catch {
  checked = touched.splice(0).length === 1;
}

const answers = Array.from({ length: 1000 }, () => [
  license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' }).allowed,
  handle.authorize().allowed,
  license.authorize({ action: 'restore' }).allowed,
  license.authorize({ action: 'backup', machine: 'another' }).allowed,
]);
const sentence = license.authorize({ action: 'backup', machine: 'another' }).explain().sentence;
const state = license.status().state;
process.send?.({ answers: [...new Set(answers.map((one) => one.join()))], touched, checked, sentence, state }, () =>
  process.exit(),
);
