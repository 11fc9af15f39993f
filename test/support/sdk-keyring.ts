import { createRequire } from 'node:module';
import { systemKeyring } from '../../packages/sdk/src/keyring.js';
import { keytarSecrets } from '../../packages/sdk/src/keytar.js';

/** Asks one keyring what a test wants to know, in the session it was started in: `keyring` or `keytar`, then the calls,
 * each with its arguments, as JSON. Prints the answers. */
const [, , which, calls] = process.argv;
const secrets =
  which === 'keytar'
    ? keytarSecrets(createRequire(import.meta.url)('keytar') as Parameters<typeof keytarSecrets>[0])
    : systemKeyring({ timeoutMs: 5000 });
const answers: unknown[] = [];
for (const [name, ...args] of JSON.parse(calls ?? '[]') as [keyof typeof secrets, ...string[]][]) {
  const ask = secrets[name] as (...args: string[]) => Promise<{ cause?: unknown }>;
  const { cause: _cause, ...answer } = await ask(...args);
  answers.push(answer);
}
console.log(JSON.stringify(answers));
process.exit(0);
