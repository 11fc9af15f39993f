import { describe, expect, test } from 'vitest';
import { testLicense, type TestState } from '@leasehold/sdk/testing';
import { BACKUP, RESTORE, cleanUp } from '../support/sdk-fixture.js';

const STATES: [TestState, string, object][] = [
  ['licensed', 'licensed', { allowed: true, decision: 'allow' }],
  ['expires_soon', 'licensed', { allowed: true, warnings: ['EXPIRES_SOON'], value: { daysLeft: 10 } }],
  ['renewal_grace', 'licensed', { allowed: true, warnings: ['IN_GRACE'], value: { daysLeft: 27 } }],
  ['needs', 'licensed', { allowed: false, decision: 'needs' }],
  ['offline', 'offline', { allowed: true }],
  ['lapsed', 'lapsed', { allowed: false, code: 'LEASE_EXPIRED' }],
  ['denied', 'denied', { allowed: false, code: 'LICENSE_REVOKED' }],
  ['not_activated', 'not_activated', { allowed: false, code: 'NOT_ACTIVATED' }],
  ['damaged', 'damaged', { allowed: false, code: 'STATE_DAMAGED' }],
  ['machine_changed', 'offline', { allowed: true, warnings: ['MACHINE_CHANGED'] }],
];

describe('a license in any state', () => {
  test.each(STATES)('%s', async (state, shown, answer) => {
    const { license, dispose } = await testLicense({ state });
    cleanUp(dispose);
    expect(license.authorize(BACKUP)).toMatchObject(answer);
    expect(license.authorize(RESTORE).allowed).toBe(true);
    if (state !== 'machine_changed') expect(license.status().state).toBe(shown);
  });

  test('damaged stays damaged after a contact that failed, and does not become one that never held anything', async () => {
    const { license, dispose } = await testLicense({ state: 'damaged' });
    cleanUp(dispose);
    expect((await license.check()).status.state).toBe('damaged');
    expect(license.status().problems).toMatchObject([{ code: 'STATE_DAMAGED' }, {}]);
  });

  test('time passes by hand: each warning level is told once, then the grace, then the stop', async () => {
    const { license, pass, dispose } = await testLicense({ state: 'expires_soon' });
    cleanUp(dispose);
    const told: unknown[] = [];
    for (let day = 0; day < 45; day += 0.5) {
      if (day % 10 === 5) await license.check();
      const answer = license.authorize(BACKUP);
      if (answer.notify) told.push([day, answer.warnings[0] ?? answer.decision, answer.value?.['daysLeft']]);
      pass(0.5);
    }
    expect(told).toEqual([
      [0, 'EXPIRES_SOON', 10],
      [3, 'EXPIRES_SOON', 7],
      [7, 'EXPIRES_SOON', 3],
      [9, 'EXPIRES_SOON', 1],
      [10, 'IN_GRACE', 30],
      [26, 'IN_GRACE', 14],
      [33, 'IN_GRACE', 7],
      [37, 'IN_GRACE', 3],
      [39, 'IN_GRACE', 1],
      [40, 'needs', undefined],
    ]);
  });
});
