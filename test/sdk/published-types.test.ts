import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { vendorFolder } from '../support/vendor-folder.js';

const run = promisify(execFile);
const modules = join(import.meta.dirname, '../../node_modules');
/** An older compiler than ours, as vendors have it: the one that attw brings along, 5.6. */
const TSC = createRequire(join(modules, '@arethetypeswrong/core/package.json')).resolve('typescript/bin/tsc');

/** What stands on docs/embedding.md, with the types that a vendor writes down himself. */
const PROGRAM = `
import { LeaseholdError, openLicense } from '@leasehold/sdk';
import type { Answer, License, LicenseOptions, Status } from '@leasehold/sdk';
import type { Lending } from '@leasehold/sdk/relay';
import { keytarSecrets } from '@leasehold/sdk/keytar';
import { systemKeyring } from '@leasehold/sdk/keyring';
import { testLicense } from '@leasehold/sdk/testing';

export async function backUp(options: LicenseOptions, run: () => Promise<number>): Promise<Answer> {
  const license: License = await openLicense({ ...options, secrets: systemKeyring() });
  const answer = license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' });
  if (answer.allowed) license.usage.record({ kind: 'backup', bytes: await run() });
  const outcome = await license.technician.start({ licenseKey: 'LH', technician: 'a', media: 'b', operation: 'backup' });
  if (outcome.started) await license.technician.end(outcome.session);
  else console.log(outcome.problem.details.remedy, outcome.holder?.until);
  license.on('change', (status: Status) => console.log(status.problems[0]?.remedy));
  return answer;
}
export const kinds = (error: unknown): string => (LeaseholdError.is(error) ? error.code : 'other');
export const others: [typeof testLicense, typeof keytarSecrets, Lending?] = [testLicense, keytarSecrets];
`;

/** Each takes ten seconds, of them nine for the declarations, and how each finds them is also checked by `npm run check`: in the
 * short form the one alone that goes by other members of package.json. */
const RESOLUTIONS = [
  ['node10', 'commonjs'],
  ...(process.env['LONG'] === '1' ? [['node16', 'node16'] as const, ['bundler', 'esnext'] as const] : []),
] as const;

describe('an older TypeScript than ours, strict, also with the declarations themselves', () => {
  test.each(RESOLUTIONS)('--moduleResolution %s', { timeout: 60_000 }, async (moduleResolution, module) => {
    const folder = vendorFolder();
    mkdirSync(join(folder, 'node_modules/@types'));
    for (const name of ['@types/node', 'undici-types'])
      symlinkSync(join(modules, name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'agent.ts'), PROGRAM);
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    const compilerOptions = { ...strict, skipLibCheck: false, target: 'es2022', types: ['node'], noEmit: true };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, module, moduleResolution }, files: ['agent.ts'] }),
    );
    const said = await run(process.execPath, [TSC, '-p', folder], { cwd: folder }).catch((cause: unknown) => cause);
    expect((said as { stdout: string }).stdout).toBe('');
  });
});
