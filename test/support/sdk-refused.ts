import type { License } from '@leasehold/sdk';
import { expect } from 'vitest';
import { BACKUP, RESTORE } from './sdk-fixture.js';

/** What must be so whatever was wrong: a typed problem with its cause and the next step, no backup licensed by the
 * damage, restores open. */
export function expectRefused(license: License, code: string, sentence: RegExp): void {
  const { problems } = license.status();
  const found = problems.find((one) => one.code === code);
  expect(found, JSON.stringify(problems)).toBeDefined();
  expect(found?.message).toMatch(sentence);
  expect(found?.remedy.length).toBeGreaterThan(10);
  const backup = license.authorize(BACKUP);
  expect(backup).toMatchObject({ allowed: false });
  expect(backup.explain()).toMatchObject({ sentence: expect.stringMatching(/./), cure: expect.stringMatching(/./) });
  expect(license.authorize(RESTORE)).toMatchObject({ allowed: true, warnings: ['RESTORE_ONLY'] });
}
