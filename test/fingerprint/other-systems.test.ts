import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { osClass } from '@leasehold/fingerprint';
import { judgeBootMedium } from '../../packages/fingerprint/src/boot-medium.js';
import { judgeCloud } from '../../packages/fingerprint/src/cloud.js';
import { judgeContainer } from '../../packages/fingerprint/src/container.js';
import { judgeHypervisor } from '../../packages/fingerprint/src/hypervisor.js';
import { probeMacos } from '../../packages/fingerprint/src/probes/macos.js';
import { machineIdOf, probeNode } from '../../packages/fingerprint/src/probes/node.js';
import { probeWindows } from '../../packages/fingerprint/src/probes/windows.js';
import type { Run } from '../../packages/fingerprint/src/probes/run-command.js';

/* Recorded, not run: no Windows or macOS is here. What their programs print is given as recorded. */

/** As Azure documents it. */
const AZURE_TAG = '7783-7084-3265-9085-8269-3286-77';
const MACHINE_GUID = '5e1f3b70-9d3c-4a57-8e1c-7a1a2b3c4d5e';
const value = (raw: string) => ({ state: 'value', raw });
const absent = { state: 'absent' };

/** reg.exe as it prints one key; a key that is not there is an error of the program. */
const registry =
  (keys: Readonly<Record<string, readonly string[]>>): Run =>
  async (_program, [_query, key = '']) => {
    const lines = Object.entries(keys).find(([name]) => key.endsWith(name))?.[1];
    if (lines === undefined)
      throw new Error('ERROR: The system was unable to find the specified registry key or value.');
    return ['', key.replace('HKLM', 'HKEY_LOCAL_MACHINE'), ...lines.map((line) => `    ${line}`), ''].join('\r\n');
  };

const SERVER = {
  'System\\BIOS': [
    'BaseBoardManufacturer    REG_SZ    Dell Inc.',
    'BIOSVendor    REG_SZ    Dell Inc.',
    'BIOSVersion    REG_SZ    2.19.1',
    'SystemManufacturer    REG_SZ    Dell Inc.',
    'SystemProductName    REG_SZ    PowerEdge R640',
  ],
  'CentralProcessor\\0': [
    'Identifier    REG_SZ    Intel64 Family 6 Model 85 Stepping 7',
    'ProcessorNameString    REG_SZ    Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz',
    'VendorIdentifier    REG_SZ    GenuineIntel',
    '~MHz    REG_DWORD    0x9c4',
  ],
  HardwareConfig: ['LastConfig    REG_SZ    {4c4c4544-0042-3510-8051-b4c04f4e5232}', 'LastId    REG_DWORD    0x0'],
  PrefetchParameters: ['BootId    REG_DWORD    0x2f', 'BaseTime    REG_DWORD    0x2f1a6b3c'],
  'DEVICEMAP\\Scsi': [
    '',
    '\r\nHKEY_LOCAL_MACHINE\\HARDWARE\\DEVICEMAP\\Scsi\\Scsi Port 0\\Scsi Bus 0\\Target Id 0\\Logical Unit Id 0',
    'DeviceType    REG_SZ    CdRomPeripheral\r\n    SerialNumber    REG_SZ    CD-ROM-0001',
    '\r\nHKEY_LOCAL_MACHINE\\HARDWARE\\DEVICEMAP\\Scsi\\Scsi Port 1\\Scsi Bus 0\\Target Id 0\\Logical Unit Id 0',
    'DeviceType    REG_SZ    DiskPeripheral\r\n    SerialNumber    REG_SZ    S4EVNF0M812345X',
    '\r\nHKEY_LOCAL_MACHINE\\HARDWARE\\DEVICEMAP\\Scsi\\Scsi Port 2\\Scsi Bus 0\\Target Id 0\\Logical Unit Id 0',
    'DeviceType    REG_SZ    DiskPeripheral\r\n    SerialNumber    REG_SZ    WD-99999',
  ],
};
const windows = (keys: Readonly<Record<string, readonly string[]>>) =>
  probeWindows({ run: registry(keys), original: async () => MACHINE_GUID });

describe('a Windows machine (recorded, not run)', () => {
  it('is known by its registry: board, installation, first disk, processor, start', async () => {
    const reading = await windows(SERVER);
    expect(reading.parts).toMatchObject({
      hardware_uuid: value('4c4c4544-0042-3510-8051-b4c04f4e5232'),
      machine_id: value(MACHINE_GUID),
      disk_serial: value('S4EVNF0M812345X'),
      board_serial: absent,
      cpu: value('GenuineIntel|Intel64 Family 6 Model 85 Stepping 7|Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz'),
    });
    expect(reading.bootId).toEqual(value(`${MACHINE_GUID} 0x2f`));
    expect(reading.signs).toMatchObject({ sysVendor: 'Dell Inc.', productName: 'PowerEdge R640' });
    expect(judgeHypervisor(reading.signs)).toMatchObject({ kind: 'bare_metal' });
    expect(judgeContainer(reading.signs).kind).toBeNull();
  });

  it('in Hyper-V learns host and own id from the host, and that it is a guest', async () => {
    const reading = await windows({
      ...SERVER,
      'System\\BIOS': [
        'SystemManufacturer    REG_SZ    Microsoft Corporation',
        'SystemProductName    REG_SZ    Virtual Machine',
      ],
      'Guest\\Parameters': [
        'HostName    REG_SZ    HV7',
        'PhysicalHostNameFullyQualified    REG_SZ    hv7.dc.example',
        'VirtualMachineId    REG_SZ    6F9619FF-8B86-D011-B42D-00C04FC964FF',
      ],
    });
    expect(reading).toMatchObject({
      hostName: value('hv7.dc.example'),
      guestId: value('6F9619FF-8B86-D011-B42D-00C04FC964FF'),
    });
    expect(judgeHypervisor(reading.signs)).toMatchObject({ kind: 'guest', name: 'hyperv' });
  });

  it('in a cloud that its chassis alone tells is in that cloud, and a broken table is none', async () => {
    const structure = (type: number, area: readonly number[], ...strings: string[]): Buffer =>
      Buffer.from([type, area.length + 4, 1, 0, ...area, ...Buffer.from(`${strings.join('\0')}\0\0`)]);
    const chassis = structure(3, [1, 3, 2, 3, 4, 3, 3, 3, 3], 'Microsoft Corporation', '7.0', '0000-0001', AZURE_TAG);
    const told = async (...structures: readonly Buffer[]) => {
      const hex = Buffer.concat([Buffer.alloc(8), ...structures])
        .toString('hex')
        .toUpperCase();
      const data = [`SMBiosData    REG_BINARY    ${hex}`];
      return judgeCloud((await windows({ ...SERVER, 'mssmbios\\Data': data })).signs).provider;
    };
    const bios = structure(0, [1, 2, 0, 240, 3, 255], 'American Megatrends Inc.', '090008', '12/07/2018');
    expect(await told(bios, chassis)).toBe('azure');
    expect(await told(bios, structure(3, [1, 3, 0, 0, 0], 'Microsoft Corporation'))).toBeNull();
    for (let cut = 0; cut < chassis.length; cut++) expect(await told(bios, chassis.subarray(0, cut))).toBeNull();
  });

  it('started from a recovery medium, or inside a container, says so', async () => {
    expect(judgeBootMedium((await windows({ ...SERVER, MiniNT: [] })).signs)).toMatchObject({
      startedFrom: 'medium',
      base: 'winpe',
    });
    const contained = await windows({
      ...SERVER,
      CurrentControlSet: [],
      'CurrentControlSet\\Control': ['ContainerType    REG_DWORD    0x2'],
    });
    expect(judgeContainer(contained.signs).kind).toBe('windows');
  });

  it('whose registry tells nothing has no parts: no program’s error becomes an id', async () => {
    const none: Run = () => Promise.reject(new Error('ERROR: Access is denied.'));
    const reading = await probeWindows({ run: none, original: () => Promise.reject(new Error('no such key')) });
    const { mac: _own, ...parts } = reading.parts;
    for (const part of Object.values(parts)) expect(part).toEqual(absent);
    expect(reading).toMatchObject({ bootId: absent, hostName: absent, guestId: absent, signs: {} });
    const blank = await windows({ HardwareConfig: ['LastConfig    REG_SZ    {00000000-0000-0000-0000-000000000000}'] });
    expect(blank.parts.hardware_uuid).toEqual(absent);
  });
});

const PRINTED: Readonly<Record<string, string>> = {
  IOPlatformExpertDevice: `+-o J314sAP  <class IOPlatformExpertDevice, id 0x100000227, registered>
    {
      "IOPlatformSerialNumber" = "C02FX0AAQ05D"
      "IOPlatformUUID" = "564D4A59-DDE2-4B79-A6B1-0123456789AB"
      "model" = <"MacBookPro18,3">
    }`,
  IONVMeController: `+-o AppleANS3NVMeController  <class AppleANS3NVMeController>
    {
      "Serial Number" = "0ba01234c5678d9e"
      "Model Number" = "APPLE SSD AP0512R"
    }`,
  sysctl:
    'kern.bootsessionuuid: 0C1F6B5A-1D6E-4C5B-9E0A-3B2A1C0D9E8F\nkern.hv_vmm_present: 0\nmachdep.cpu.brand_string: Apple M1 Pro\nhw.model: MacBookPro18,3\n',
};
const printed =
  (texts: Readonly<Record<string, string>>): Run =>
  async (program, args) => {
    const text = texts[args.at(-1) ?? ''] ?? (program.endsWith('sysctl') ? texts['sysctl'] : undefined);
    if (text === undefined) throw new Error('no such program');
    return text;
  };

describe('a Mac (recorded, not run)', () => {
  const original = async (): Promise<string> => '564d4a59-dde2-4b79-a6b1-0123456789ab';

  it('is known by its device tree and kernel', async () => {
    const reading = await probeMacos({ run: printed(PRINTED), original });
    expect(reading.parts).toMatchObject({
      hardware_uuid: value('564D4A59-DDE2-4B79-A6B1-0123456789AB'),
      machine_id: value('564d4a59-dde2-4b79-a6b1-0123456789ab'),
      disk_serial: value('0ba01234c5678d9e'),
      board_serial: value('C02FX0AAQ05D'),
      cpu: value('Apple M1 Pro'),
    });
    expect(reading.bootId).toEqual(value('0C1F6B5A-1D6E-4C5B-9E0A-3B2A1C0D9E8F'));
    expect(judgeHypervisor(reading.signs)).toMatchObject({ kind: 'bare_metal', name: null });
  });

  it('that is a guest says so, and one that prints nothing has no parts', async () => {
    const virtual =
      PRINTED['sysctl']?.replace('vmm_present: 0', 'vmm_present: 1').replace('MacBookPro18,3', 'VirtualMac2,1') ?? '';
    const guest = await probeMacos({ run: printed({ ...PRINTED, sysctl: virtual }), original });
    expect(judgeHypervisor(guest.signs)).toMatchObject({ kind: 'guest', name: 'apple' });
    const silent = await probeMacos({ run: printed({}), original: async () => hostname() });
    const { mac: _own, ...parts } = silent.parts;
    for (const part of Object.values(parts)) expect(part).toEqual(absent);
  });
});

describe('the machine id of node-machine-id (recorded, not run)', () => {
  it.each([
    ['a Windows machine id', MACHINE_GUID, 'value'],
    ['a macOS platform id', '564D4A59-DDE2-4B79-A6B1-0123456789AB', 'value'],
    ['an empty answer', '', 'absent'],
    ['the host name instead of an id', hostname(), 'absent'],
    ['an id that nobody filled in', '00000000-0000-0000-0000-000000000000', 'absent'],
    ['an error text', 'ERROR: Access is denied.', 'absent'],
  ])('%s', async (_name, answer, state) => {
    expect(await machineIdOf(async () => answer)).toEqual(state === 'value' ? { state, raw: answer } : { state });
  });

  it('that fails is absent', async () => {
    expect(await machineIdOf(() => Promise.reject(new Error('no such key')))).toEqual(absent);
  });
});

describe('systems without a probe of their own', () => {
  it('have no id but an address', () => {
    const { parts } = probeNode('aix');
    expect(parts).toMatchObject({ machine_id: absent, hardware_uuid: absent, disk_serial: absent });
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
