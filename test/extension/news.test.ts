import { expect, test } from 'vitest';
import { tellNews } from '../../extension/src/model/news.js';
import type { Overview, Todo } from '../../extension/src/model/rows.js';
import { MemoryPlatform } from './support/memory-platform.js';

const connection = {
  id: 'acme@host',
  url: 'http://h',
  roots: [],
  token: 't',
  account: 'acme',
  name: 'Acme',
  addedAt: 0,
};
const todo = (name: string, kind: Todo['kind'] = 'shortage_grace'): Todo => ({
  id: `todo-${name}`,
  kind,
  subject: { type: 'machine', id: name, name },
  since: '2026-06-01T00:00:00Z',
  until: '2026-06-20T00:00:00Z',
});
const overview = (...todos: Todo[]) => ({ todos, serverTime: '2026-06-15T10:00:00.000Z' }) as unknown as Overview;

async function turnedOn(...there: Todo[]): Promise<MemoryPlatform> {
  const platform = new MemoryPlatform();
  platform.permissions.add('notifications');
  await tellNews(platform, connection, overview(...there));
  return platform;
}

test('what was there before is not told; what is new is told once', async () => {
  const platform = await turnedOn(todo('old'));
  expect(platform.notified).toEqual([]);
  for (let i = 0; i < 3; i += 1) await tellNews(platform, connection, overview(todo('old'), todo('new')));
  expect(platform.notified).toMatchObject([{ title: 'new: short of a license', id: 'acme@host todo-new' }]);
});

test('guests of one host are one thing to do, told once, also where another one stops first', async () => {
  const platform = await turnedOn();
  const guest = (name: string, guests: number) => ({ ...todo(name), host: { id: 'esx-1', guests } });
  await tellNews(platform, connection, overview(guest('a', 2), guest('b', 2)));
  expect(platform.notified).toMatchObject([{ title: 'a and 1 more guest: short of a license' }]);
  await tellNews(platform, connection, overview(guest('b', 3), guest('c', 3), guest('d', 3)));
  expect(platform.notified).toHaveLength(1);
});

test('many at once are one notification, led by what is stopped', async () => {
  const platform = await turnedOn();
  const many = [todo('a'), todo('b'), todo('c'), todo('d', 'stopped')];
  await tellNews(platform, connection, overview(...many));
  expect(platform.notified).toMatchObject([
    { title: '4 new things to do at Acme', body: expect.stringContaining('d makes no new backups') },
  ]);
});

test('what was cured and came back is news again', async () => {
  const platform = await turnedOn(todo('a'));
  await tellNews(platform, connection, overview());
  await tellNews(platform, connection, overview(todo('a')));
  expect(platform.notified).toHaveLength(1);
});

test('while they are off nothing is told, and turning them on does not tell what was missed', async () => {
  const platform = await turnedOn();
  platform.permissions.clear();
  await tellNews(platform, connection, overview(todo('a')));
  platform.permissions.add('notifications');
  await tellNews(platform, connection, overview(todo('a')));
  expect(platform.notified).toEqual([]);
});
