import { randomUUID } from 'node:crypto';
import { copyFileSync, constants, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Status } from '@leasehold/sdk';
import { asPerson, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { Guest, type GuestHardware } from '../support/guest.js';
import { makeGuestImage, whyNoGuest, type GuestImage } from '../support/guest-image.js';

const why = process.env['LONG'] === '1' ? whyNoGuest() : 'guests under software emulation boot in the long form';
if (why !== undefined) console.log(`Skipped: a guest with Node and an agent inside. ${why}.`);

const CLI = 'node /opt/leasehold/node_modules/@leasehold/cli/bin/leasehold.mjs';

describe.skipIf(why !== undefined)('a guest with Node and an activated agent inside (needs QEMU)', () => {
  let bench: Bench;
  let image: GuestImage;
  const running: Guest[] = [];
  beforeAll(async () => {
    bench = await startBench(undefined, {}, undefined, { now: () => Date.now() });
    const { port } = new URL(bench.authority.url);
    const config = {
      product: PRODUCT,
      version: '12.1',
      authority: `http://10.0.2.2:${port}`,
      roots: [bench.rootJwk],
      stateDir: '/var/lib/leasehold',
    };
    const machineId = `${randomUUID().replaceAll('-', '')}\n`;
    image = makeGuestImage({ 'etc/machine-id': machineId, 'etc/leasehold/agent.json': JSON.stringify(config) });
  });
  afterAll(async () => {
    for (const guest of running) await guest.kill();
    await bench?.close();
    if (image !== undefined) rmSync(image.folder, { recursive: true });
  });

  const boot = async (disk: string, hardware: GuestHardware): Promise<Guest> => {
    const guest = await Guest.boot(image, disk, hardware);
    running.push(guest);
    return guest;
  };
  const leasehold = async (guest: Guest, words: string): Promise<Status> => {
    const { status, out } = await guest.run(`${CLI} ${words} --json`);
    const said = JSON.parse(out) as Status & { readonly error?: object };
    // A status of 1 is no failure of `status`: a new backup would not be allowed.
    if (said.error !== undefined || (status !== 0 && words !== 'status')) throw new Error(`${words}: ${status} ${out}`);
    return said;
  };
  const copyOf = (disk: string, name: string): string => {
    const to = join(image.folder, name);
    copyFileSync(disk, to, constants.COPYFILE_FICLONE);
    return to;
  };
  const detail = async (machine: string) => (await asPerson(bench, 'machine', { params: { machine } })).body;
  const verdict = async (machine: string) => (await detail(machine)).machine.verdict;

  test('same, restored from a snapshot, drift by other memory and card, moved to other hardware, cloned beside the original', async () => {
    const msp = { profile: 'msp', type: 'server', kind: 'commercial', term: 'subscription' } as const;
    const { licenseKey, id } = await newLicense(bench, { ...msp, validUntil: '2199-12-31' });
    const hardware = { uuid: randomUUID(), mac: '00:16:3e:00:00:01', generation: randomUUID(), memory: 768 };
    let guest = await boot(image.disk, hardware);
    const { instance } = await leasehold(guest, `activate ${licenseKey}`);
    const machine = instance!;
    await leasehold(guest, 'check-in');
    expect((await detail(machine)).machine).toMatchObject({ kind: 'guest', verdict: 'same', coveredBy: id });
    await guest.powerOff();

    // A snapshot; the guest goes on, and is then set back to it.
    const snapshot = copyOf(image.disk, 'snapshot.img');
    guest = await boot(image.disk, hardware);
    await leasehold(guest, 'check-in');
    expect(await verdict(machine)).toBe('same');
    await guest.powerOff();
    copyFileSync(snapshot, image.disk);
    const reverted = { ...hardware, generation: randomUUID() };
    guest = await boot(image.disk, reverted);
    expect((await leasehold(guest, 'check-in')).backup.decision).toBe('allow');
    expect(await verdict(machine)).toBe('restored');
    await leasehold(guest, 'check-in');
    await guest.powerOff();

    // Another card and other memory: the same machine with a new part.
    const refitted = { ...reverted, mac: '00:16:3e:00:00:02', memory: 1024 };
    guest = await boot(image.disk, refitted);
    expect((await leasehold(guest, 'check-in')).backup.decision).toBe('allow');
    expect(await verdict(machine)).toBe('drift');
    await guest.powerOff();
    const copied = copyOf(image.disk, 'copy.img');

    // The copy runs beside the original: everything is alike but what the hypervisor says of it.
    guest = await boot(image.disk, refitted);
    const beside = await boot(copied, { ...refitted, generation: randomUUID() });
    for (const each of [beside, guest, beside, guest]) await leasehold(each, 'check-in');
    const copy = (await leasehold(beside, 'status')).instance!;
    expect(copy).not.toBe(machine);
    expect(await detail(copy)).toMatchObject({
      machine: { verdict: 'cloned' },
      fork: { of: machine, undecided: false },
    });
    expect((await leasehold(guest, 'status')).instance).toBe(machine);
    expect((await leasehold(guest, 'status')).backup.decision).toBe('allow');
    expect((await detail(machine)).machine.coveredBy).toBe(id);
    await beside.powerOff();
    await guest.powerOff();

    // Another hardware UUID as well is another machine; its chain goes on, so that it has moved there.
    guest = await boot(image.disk, { ...refitted, uuid: randomUUID(), mac: '00:16:3e:00:00:03' });
    expect((await leasehold(guest, 'check-in')).backup.decision).toBe('allow');
    expect(await verdict(machine)).toBe('moved');
    const verdicts = (await detail(machine)).evidence.map((row) => row.verdict);
    console.log(`verdicts of the original, the last first: ${verdicts.join(', ')}`);
    await guest.powerOff();
  }, 1_200_000);
});
