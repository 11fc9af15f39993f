import { createRequire } from 'node:module';
import { mock } from 'node:test';
import type * as Testing from '@leasehold/sdk/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BACKUP } from '../support/sdk-fixture.js';

/** As a vendor's tests load it: of CommonJS every timer is replaced, also those of node:timers/promises. */
const require = createRequire(import.meta.url);
const { testLicense } = require('../../packages/sdk/dist/testing.cjs') as typeof Testing;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  mock.timers.reset();
});

describe('a license for tests under the fake timers of', () => {
  test.each<[string, () => void]>([
    ['vitest and jest', () => void vi.useFakeTimers()],
    ['node:test', () => mock.timers.enable({ apis: ['setImmediate', 'setInterval', 'setTimeout'] })],
    ['a test that replaces setImmediate', () => void vi.spyOn(globalThis, 'setImmediate').mockReturnValue({} as never)],
  ])('%s: comes about, is asked, and is put away again', async (_name, fake) => {
    fake();
    for (const state of ['licensed', 'lapsed', 'denied', 'not_activated', 'damaged', 'machine_changed'] as const) {
      const { license, pass, dispose } = await testLicense({ state });
      license.usage.record({ kind: 'backup' });
      pass(1);
      await license.check();
      const { allowed } = license.authorize(BACKUP);
      expect([state, allowed]).toEqual([state, state === 'licensed' || state === 'machine_changed']);
      await dispose();
    }
  });
});
