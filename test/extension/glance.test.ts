import { expect, test } from 'vitest';
import { glanceKey, removeConnection, saveConnection } from '../../extension/src/connection/saved.js';
import { readGlance, writeGlance } from '../../extension/src/model/glance.js';
import { MemoryPlatform } from './support/memory-platform.js';

const connection = {
  id: 'acme@127.0.0.1:8400',
  url: 'http://127.0.0.1:8400',
  roots: ['root'],
  token: 'lha_token',
  account: 'acme',
  name: 'Acme',
  addedAt: 0,
};
const { id } = connection;

test('two that know different things at once both leave them', async () => {
  const platform = new MemoryPlatform();
  await saveConnection(platform, connection);
  await Promise.all([
    writeGlance(platform, id, { at: 5 }),
    writeGlance(platform, id, { timeZone: 'Asia/Tokyo' }),
    writeGlance(platform, id, { status: { phase: 'connecting', since: 0 } }),
  ]);
  expect(await readGlance(platform, id)).toEqual({
    at: 5,
    timeZone: 'Asia/Tokyo',
    status: { phase: 'connecting', since: 0 },
  });
});

test('a connection that is removed while its glance is written leaves none behind', async () => {
  const removed: Promise<void>[] = [];
  class RemovedMeanwhile extends MemoryPlatform {
    override async write(key: string, value: unknown): Promise<void> {
      if (key === glanceKey(id)) {
        removed.push(removeConnection(this, id));
        await new Promise(setImmediate);
      }
      return super.write(key, value);
    }
  }
  const platform = new RemovedMeanwhile();
  await saveConnection(platform, connection);
  await writeGlance(platform, id, { at: 5 });
  expect(removed).toHaveLength(1);
  await Promise.all(removed);
  expect([...platform.stored.keys()]).toEqual(['connections']);
});
