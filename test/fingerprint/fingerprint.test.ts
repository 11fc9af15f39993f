import { ChildProcess, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import library from 'node-machine-id';
import { describe, expect, it, vi } from 'vitest';
import { componentHashes, fingerprint, readMachine } from '@leasehold/fingerprint';
import type { Fingerprint } from '@leasehold/fingerprint';
import { probeLinux } from '../../packages/fingerprint/src/probes/linux.js';
import { hash, salt, take } from './machine-reading.js';
import { RAW, machines, makeMachine } from './machine-tree.js';
import type { Tree } from './machine-tree.js';

describe('fingerprint of a physical server', () => {
  it('finds every part: the system disk below a volume group, the first real card, and says bare metal', async () => {
    const taken = await take(machines.physical());
    expect(taken.components).toMatchObject({
      hardware_uuid: hash('hardware_uuid', RAW.uuid),
      machine_id: hash('machine_id', RAW.machineId),
      disk_serial: hash('disk_serial', RAW.disk),
      mac: hash('mac', RAW.mac),
      board_serial: hash('board_serial', RAW.board),
    });
    expect(taken).toMatchObject({
      identity: { state: 'known', reason: 'PARTS_FOUND' },
      machine: { kind: 'physical', os: 'linux' },
      hypervisor: { kind: 'bare_metal', name: null, how: [{ source: 'CPU hypervisor bit', says: 'not set' }] },
      container: { kind: null },
      cloud: { provider: null },
      bootMedium: { startedFrom: 'disk', base: null },
      bootId: hash('boot_id', RAW.boot),
    });
  });

  it('holds nothing raw and no hash without its salt', async () => {
    const taken = await take(machines.physical());
    const text = JSON.stringify(taken);
    for (const raw of Object.values(RAW)) expect(text.toLowerCase()).not.toContain(raw.toLowerCase());
    for (const raw of [...Object.values(RAW), hostname()]) {
      for (const algorithm of ['sha256', 'sha1', 'md5']) {
        for (const encoding of ['hex', 'base64url', 'base64'] as const) {
          expect(text).not.toContain(createHash(algorithm).update(raw).digest(encoding).slice(0, 20));
        }
      }
    }
  });

  it('gives other hashes under another salt, from one reading, and none under an empty one', async () => {
    const root = makeMachine(machines.physical());
    const machine = await readMachine({ root, platform: 'linux' });
    const one = componentHashes(machine.fingerprint('a').components);
    const two = componentHashes(machine.fingerprint('b').components);
    expect(Object.keys(one).sort()).toEqual([
      'board_serial',
      'cpu',
      'disk_serial',
      'hardware_uuid',
      'mac',
      'machine_id',
    ]);
    for (const [name, value] of Object.entries(one)) {
      expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(two[name]).not.toBe(value);
    }
    expect(() => machine.fingerprint('')).toThrow(TypeError);
    rmSync(root, { recursive: true });
  });
});

describe('empty sources are no identity', () => {
  const empties: Tree[] = [
    {},
    { 'etc/machine-id': '' },
    { 'etc/machine-id': 'uninitialized\n' },
    { 'etc/machine-id': '00000000000000000000000000000000\n' },
    { 'etc/machine-id': `${hostname()}\n` },
    { 'etc/machine-id': '\n', 'var/lib/dbus/machine-id': '\n' },
    machines.dmi({ product_uuid: '00000000-0000-0000-0000-000000000000', board_serial: 'To be filled by O.E.M.' }),
    machines.dmi({ product_uuid: 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', board_serial: 'Default string' }),
    machines.dmi({ product_uuid: '03000200-0400-0500-0006-000700080009', board_serial: 'Not Specified' }),
    machines.dmi({ product_uuid: 'Not Settable', board_serial: '0123456789' }),
    machines.dmi({ board_serial: 'Base Board Serial Number' }),
    machines.dmi({ board_serial: '................' }),
    machines.card('eth0', 'virtio0', '52:54:00:12:34:56'),
    machines.card('eth0', 'virtio0', '00:00:00:00:00:00'),
    ...['QM00001', 'drive-scsi0', 'overlayblk', ''].map((text) => ({
      'proc/self/mountinfo': '28 1 8:1 / / rw - ext4 /dev/vda rw\n',
      'dev/vda': '',
      'sys/class/block/vda/serial': text,
    })),
  ];
  it.each(empties.map((tree) => [JSON.stringify(tree).slice(0, 90), tree] as const))('%s', async (_name, tree) => {
    const taken = await take(tree);
    expect(taken.identity).toEqual({ state: 'unknown', reason: 'NO_PARTS' });
    expect(componentHashes(taken.components)).toEqual({});
    expect(taken.binding).toBe('');
    for (const component of Object.values(taken.components)) expect(component.state).toBe('absent');
  });

  it('a machine id alone is ambiguous: images share it', async () => {
    const taken = await take({ 'etc/machine-id': RAW.machineId });
    expect(taken.identity).toEqual({ state: 'ambiguous', reason: 'TOO_FEW_PARTS' });
    expect(taken.binding).not.toBe('');
  });
});

describe('this machine', () => {
  it('has the machine id that node-machine-id reads', async () => {
    const reading = probeLinux('/');
    const original = library.machineIdSync(true);
    if (/^[0-9a-f]{32}$/.test(original)) expect(reading.parts.machine_id).toEqual({ state: 'value', raw: original });
    else expect(reading.parts.machine_id.state).toBe('absent');
  });

  it('is read in under 50 ms, with no process started and no word of it in the sources', async () => {
    const spawn = vi.spyOn(ChildProcess.prototype as unknown as { spawn: () => void }, 'spawn');
    const times: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const start = performance.now();
      await fingerprint({ salt });
      times.push(performance.now() - start);
    }
    expect(spawn).not.toHaveBeenCalled();
    spawn.mockRestore();
    expect(Math.min(...times)).toBeLessThan(50);
    const source = readFileSync(
      fileURLToPath(new URL('../../packages/fingerprint/src/probes/linux.ts', import.meta.url)),
      'utf8',
    );
    expect(source).not.toMatch(/child_process/);
  });

  it('says of itself what it can prove, the same twice, and shows none of its raw ids', async () => {
    const [one, two] = [await fingerprint({ salt }), await fingerprint({ salt })];
    expect(two).toEqual(one);
    expect(one.machine.os).toBe('linux');
    expect(one.bootId.state).toBe('value');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    expect(JSON.stringify(one)).not.toContain(bootId);
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)(
    'as nobody: the same values or not_permitted, never another value (needs root to become nobody)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'leasehold-nobody-'));
      const bundle = join(folder, 'fingerprint.mjs');
      buildSync({
        entryPoints: [fileURLToPath(new URL('../../packages/fingerprint/src/index.ts', import.meta.url))],
        outfile: bundle,
        bundle: true,
        platform: 'node',
        format: 'esm',
        external: ['node-machine-id'],
        conditions: ['@leasehold/source'],
      });
      // The probe on a tree with root's own files, as on hardware whose firmware ids only root may read.
      const root = makeMachine(machines.physical());
      for (const file of ['product_uuid', 'board_serial']) chmodSync(join(root, 'sys/class/dmi/id', file), 0o400);
      chmodSync(root, 0o755);
      chmodSync(folder, 0o755);
      const script = join(folder, 'run.mjs');
      writeFileSync(
        script,
        `import { fingerprint } from './fingerprint.mjs';
const all = [];
for (const root of ['/', ${JSON.stringify(root)}]) all.push(await fingerprint({ salt: ${JSON.stringify(salt)}, root }));
console.log(JSON.stringify(all));`,
      );
      const out = execFileSync(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, script],
        { encoding: 'utf8' },
      );
      const [real, tree] = JSON.parse(out) as Fingerprint[];
      for (const [asNobody, asRoot] of [
        [real, await fingerprint({ salt })],
        [tree, await fingerprint({ salt, root })],
      ] as const) {
        for (const [name, component] of Object.entries(asNobody?.components ?? {})) {
          const full = asRoot.components[name as keyof typeof asRoot.components];
          if (component.state !== 'not_permitted') expect(component, name).toEqual(full);
          else expect(full?.state).not.toBe('not_permitted');
        }
      }
      expect(tree?.components.hardware_uuid).toEqual({ state: 'not_permitted' });
      expect(tree?.components.machine_id).toEqual(hash('machine_id', RAW.machineId));
      expect(tree?.identity.state).toBe('known');
      rmSync(root, { recursive: true });
      rmSync(folder, { recursive: true });
    },
  );
});
