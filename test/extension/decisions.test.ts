import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { Agent, asDevice, asPerson, machine, newLicense, PRODUCT, type Bench } from '../support/authority.js';
import { describeByKeyboard, eventually } from './support/keyboard-admin.js';

const DAY = 86_400_000;

// What an admin decides about machines.
describeByKeyboard('decisions', (admin) => {
  const { dialog, press, ask, confirm } = admin;
  let bench: Bench;
  let page: Page;
  beforeAll(() => void ({ bench, page } = admin));

  const active = async (name: string, seats = 1) => {
    const { id, licenseKey } = await newLicense(bench, { seats });
    const agent = await Agent.on(bench, name);
    await agent.activate(licenseKey);
    return { agent, license: id };
  };
  /** A state folder copied to a second machine, both heard until the copy is called one. */
  const forked = async (name: string, seats = 1) => {
    const { agent: original, license } = await active(name, seats);
    await original.checkIn();
    const copy = new Agent(bench, original.signer, machine(`${name} copy`));
    const { instance, lease, parent, entitlementsDigest } = original;
    Object.assign(copy, { instance, lease, parent, entitlementsDigest });
    for (const half of [copy, original, copy]) await half.checkIn();
    return { original, copy, license };
  };
  const detail = async ({ instance }: { instance: string }) =>
    (await asPerson(bench, 'machine', { params: { machine: instance } })).body;
  const open = async (id: string) => {
    await admin.open(`machines/${id}?search=${id}`);
    await page.locator('.detail').waitFor();
  };
  const startAct = (name: string) => ask(page.locator('.detail').getByRole('button', { name: `${name}…` }));

  test('a fork from the to-do to the end: the copy takes the place of its original, and the act says so before', async () => {
    const { original, copy, license } = await forked('replaced');
    await admin.open('overview');
    await press(page.locator('.todo-row', { hasText: 'replaced' }).getByRole('link', { name: 'Decide' }));
    const box = page.getByRole('region', { name: /Which one is replaced/ });
    await box.getByText('Similarity').waitFor();
    await press(box.getByRole('button', { name: 'Keep the copy…' }));
    await dialog().getByText('The license moves to the replacement hardware.').waitFor();
    await dialog().getByText('F-7').waitFor();
    expect((await detail(copy)).fork?.decision).toBeNull();
    await confirm('Keep the copy');
    await box.waitFor({ state: 'detached' });
    expect(await detail(copy)).toMatchObject({ fork: { decision: 'replace' }, seats: [{ license }] });
    expect((await detail(original)).machine.marks).toEqual(['disposed']);
    await page.getByText('It took the place of its original.').waitFor();
  });

  test('a fork is licensed: without a free seat the authority says what is missing, with one it is done', async () => {
    const { copy, original } = await forked('second');
    await open(copy.instance);
    await press(page.getByRole('button', { name: 'License the copy…' }));
    const act = dialog().getByRole('button', { name: 'License the copy', exact: true });
    await eventually(() => act.isEnabled()).toBe(true);
    await press(act);
    await dialog().getByRole('alert').getByText('AIP-0.1', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    const { id } = await newLicense(bench);
    await press(page.getByRole('button', { name: 'License the copy…' }));
    const option = dialog().locator('option', { hasText: id });
    await option.waitFor({ state: 'attached' });
    await dialog().getByLabel('License').selectOption(id);
    await confirm('License the copy');
    await eventually(async () => (await detail(copy)).fork?.decision).toBe('license');
    expect((await detail(copy)).machine.coveredBy).toBe(id);
    expect((await detail(original)).machine.status).toBe('valid');
  });

  test('a fork is retired, and another open page shows it', async () => {
    const { copy } = await forked('kept');
    const other = await admin.browser.page(`#/machines?search=${copy.instance}`);
    await other.locator('.chip', { hasText: 'Fork' }).waitFor();
    await open(copy.instance);
    await press(page.getByRole('button', { name: 'Keep the original…' }));
    await dialog().getByText('Restores on the copy stay open.').waitFor();
    await confirm('Keep the original');
    await other.locator('.chip', { hasText: 'Released' }).waitFor();
    await other.close();
  });

  test('dead, contradicted, back in service: with author, note and time', async () => {
    const { agent } = await active('doubtful');
    await open(agent.instance);
    await startAct('Take out of service');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.type('burnt in May');
    await confirm('Take out of service');
    await page.getByText('burnt in May').waitFor();
    expect((await detail(agent)).declarations).toMatchObject([{ kind: 'dead', note: 'burnt in May' }]);
    await agent.checkIn();
    await page.locator('.chip', { hasText: 'Gone, but spoke' }).waitFor();
    await page.getByText('spoke again', { exact: false }).waitFor();
    await startAct('Put back in service');
    await confirm('Put back in service');
    await page.getByText('withdrawn', { exact: false }).waitFor();
    expect((await detail(agent)).machine).toMatchObject({ marks: [], status: 'valid' });
  });

  test('new hardware replaces old: the machine is found by its name, the rule is named, the license moves', async () => {
    const { agent: old, license } = await active('old-box');
    const { agent: fresh } = await active('new-box');
    await open(fresh.instance);
    await startAct('Replaces another machine');
    const picker = dialog().getByLabel('Machine', { exact: true });
    await picker.focus();
    await page.keyboard.type('old-box');
    await dialog().getByText('The license moves to the replacement hardware.').waitFor();
    await confirm('Replaces another machine');
    await eventually(async () => (await detail(fresh)).seats.map((seat) => seat.license)).toContain(license);
    expect((await detail(old)).machine.marks).toEqual(['disposed']);
  });

  test('a standby is declared and a license held for it before it ever runs', async () => {
    const { agent } = await active('front');
    const { id: license } = await newLicense(bench);
    await open(agent.instance);
    await startAct('Declare a standby');
    await page.keyboard.type('front-standby');
    await confirm('Declare a standby');
    await admin.open('machines?search=front-standby');
    await page.getByText('Not started yet').waitFor();
    await press(page.getByRole('button', { name: /front-standby/ }));
    await startAct('Bind a license');
    await dialog().locator('option', { hasText: license }).waitFor({ state: 'attached' });
    await dialog().getByLabel('License').selectOption(license);
    await confirm('Bind a license');
    await page.locator('.col-cover', { hasText: license.slice(0, 8) }).waitFor();
  });

  test('a machine that is silent for too long: proposed by D-10, and its seat taken back', async () => {
    const { agent } = await active('silent');
    bench.clock += 33 * DAY;
    await admin.open('machines?mark=stale');
    await page.getByRole('button', { name: 'silent' }).waitFor();
    const { total } = (await asPerson(bench, 'machines', { query: '?mark=stale' })).body;
    await page
      .getByRole('option', { name: new RegExp(`^Silent over 31 d\\s+${total}$`) })
      .waitFor({ state: 'attached' });
    await open(agent.instance);
    await page.locator('.detail').getByText('release', { exact: false }).first().waitFor();
    await startAct('Take the seat back');
    await dialog().getByText('D-10').waitFor();
    await confirm('Take the seat back');
    await page.locator('.chip', { hasText: 'Released' }).waitFor();
  });

  test('agentless backups are counted against what the host licenses cover', async () => {
    const { agent } = await active('hyper-agent');
    const hosts = [{ id: 'esx-1', name: 'esx-1', kind: 'bare_metal', hypervisor: 'vmware', guests: [] }] as const;
    const hyperAgents = [{ machine: agent.instance, hosts: ['esx-1'], agentlessInUse: true }];
    await asPerson(bench, 'inventoryReport', { body: { hosts: structuredClone(hosts) as never, hyperAgents } });
    await admin.open('machines?search=hyper-agent');
    await page.getByText('Agentless: 1 of 0 HyperAgent machines').waitFor();
  });

  test('a host that nobody tells of any more is forgotten: what becomes of its guests is said before', async () => {
    const host = { id: 'esx-9', name: 'esx-gone', kind: 'bare_metal', hypervisor: 'vmware', guests: ['g-1', 'g-2'] };
    await asPerson(bench, 'inventoryReport', { body: { hosts: [host] as never } });
    bench.clock += 32 * DAY;
    await page.goto('about:blank');
    await admin.open('machines');
    const notice = page.getByRole('row', { name: /Nobody has told of this host since/ });
    await ask(notice.getByRole('button', { name: 'Forget the host…' }).last());
    await dialog().getByText('2 guests leave it').waitFor();
    await dialog().getByText('2 of them are on no known host then.').waitFor();
    await confirm('Forget the host');
    await page.getByRole('button', { name: /^esx-gone/ }).waitFor({ state: 'detached' });
  });

  test('a host that a second company tells of says so, and stays with the first', async () => {
    const teller = async (company: string) => {
      await asPerson(bench, 'companyCreate', { body: { id: company, name: company } });
      const agent = await Agent.on(bench, `server of ${company}`);
      await agent.activate((await newLicense(bench, { companyId: company })).licenseKey);
      return (name: string) => {
        const host = {
          id: 'esx-both',
          name,
          kind: 'bare_metal',
          hypervisor: 'kvm',
          guests: [],
          digest: 'd'.repeat(43),
        };
        const takenAt = new Date(bench.clock).toISOString();
        const about = { instance: agent.instance, product: PRODUCT, takenAt, unchanged: [], agentlessInUse: true };
        return asDevice(bench, agent.signer, 'inventory', { ...about, hosts: [host] as never });
      };
    };
    const [first, second] = [await teller('alder'), await teller('birch')];
    expect((await first('esx-alder')).status).toBe(200);
    await page.goto('about:blank');
    await admin.open('machines');
    await page.getByRole('button', { name: /^esx-alder/ }).waitFor();
    const notice = page.getByText(/of another company told of this host too/);
    expect(await notice.count()).toBe(0);
    expect((await second('esx-birch')).status).toBe(200);
    await notice.waitFor();
    await page.getByText('a host is of the company that told of it first').waitFor();
    expect(await page.getByRole('button', { name: /^esx-birch/ }).count()).toBe(0);
  });
});
