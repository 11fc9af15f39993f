import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { osClass } from '@leasehold/fingerprint';
import { probeNode } from '../../packages/fingerprint/src/probes/node.js';

/** Recorded, not run: no Windows or macOS is here; the answers of their machine id are given as recorded. */
describe('systems without a probe of their own', () => {
  it.each([
    ['a Windows machine id', 'win32', '5e1f3b70-9d3c-4a57-8e1c-7a1a2b3c4d5e', 'value'],
    ['a macOS platform id', 'darwin', '564D4A59-DDE2-4B79-A6B1-0123456789AB', 'value'],
    ['an empty answer', 'win32', '', 'absent'],
    ['the host name instead of an id', 'win32', hostname(), 'absent'],
    ['an id that nobody filled in', 'win32', '00000000-0000-0000-0000-000000000000', 'absent'],
    ['an error text', 'win32', 'ERROR: Access is denied.', 'absent'],
    ['a system nobody knows', 'aix', '5e1f3b70-9d3c-4a57-8e1c-7a1a2b3c4d5e', 'absent'],
  ])('%s', async (_name, platform, answer, state) => {
    const reading = await probeNode(platform, 'recorded', async () => answer);
    expect(reading.parts.machine_id).toEqual(state === 'value' ? { state, raw: answer } : { state });
    expect(reading.parts.hardware_uuid).toEqual({ state: 'absent' });
  });

  it('takes a failing registry for absent', async () => {
    const reading = await probeNode('win32', 'recorded', () => Promise.reject(new Error('no such key')));
    expect(reading.parts.machine_id).toEqual({ state: 'absent' });
  });

  it.each([
    ['linux', '#1 SMP Debian 6.1', 'linux'],
    ['darwin', 'Darwin Kernel Version 23.1.0', 'macos'],
    ['win32', 'Windows Server 2022 Standard', 'windows_server'],
    ['win32', 'Windows 11 Pro', 'windows_client'],
    ['win32', 'Microsoft Windows Hyper-V Server 2019', 'windows_server'],
    ['win32', '', 'unknown'],
    ['freebsd', 'FreeBSD 14', 'unknown'],
  ])('%s %s is %s', (platform, version, expected) => {
    expect(osClass(platform, version)).toBe(expected);
  });
});
