import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveOldJournal } from '../../packages/authority/src/journal-keeping.js';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { FeedReader } from '../support/feed-reader.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('an authority whose old entries were archived, on $name', (engine) => {
  let bench: Bench;
  let db: string;
  let agent: Agent;
  let file: string;
  beforeAll(async () => {
    db = await engine.url();
    bench = await startBench(undefined, {}, db);
    const { licenseKey } = await newLicense(bench);
    agent = await Agent.on(bench, 'server');
    await agent.activate(licenseKey);
    for (let n = 0; n < 5; n += 1) await asPerson(bench, 'companyCreate', { body: { name: `Old ${n}` } });
    bench.clock += 100 * DAY;
    for (let n = 0; n < 3; n += 1) await asPerson(bench, 'companyCreate', { body: { name: `New ${n}` } });
    file = join(bench.folder, 'old.jsonl');
  });
  afterAll(() => bench?.close());

  const archive = async (keepDays: number) => {
    await bench.authority.close();
    try {
      return await archiveOldJournal({ db, dataDir: join(bench.folder, 'keys') }, { file, keepDays }, bench.clock);
    } finally {
      await bench.restart();
    }
  };

  test('fewer days than the authority itself looks back are refused, and nothing is done', async () => {
    await expect(archive(30)).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { path: 'keep-days' } });
    expect((await asPerson(bench, 'journal', { query: '?after=1:0' })).body.rows[0]!.seq).toBe(1);
  });

  test('goes on: consoles that come back from before it load anew, the rest follows, machines notice nothing', async () => {
    const { account, rows } = await archive(90);
    expect(account).toBe('acme');
    const kept = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(kept).toHaveLength(rows);
    const { body } = await asPerson(bench, 'journal', { query: '?after=1:0' });
    expect(body.rows.map(({ seq }) => seq)[0]).toBe(rows + 1);
    expect(body.rows[0]!.prev).toBe((JSON.parse(kept.at(-1)!) as { hash: string }).hash);

    const away = await FeedReader.open(bench, '1:2');
    expect(await away.next()).toMatchObject({ event: 'snapshot' });
    away.close();
    const near = await FeedReader.open(bench, `1:${rows}`);
    expect((await near.row()).seq).toBe(rows + 1);
    near.close();
    expect((await agent.checkIn()).status).toBe(200);
    expect((await asPerson(bench, 'companyCreate', { body: { name: 'Next' } })).status).toBe(200);
  });
});
