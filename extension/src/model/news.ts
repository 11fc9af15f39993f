import { toldKey, type SavedConnection } from '../connection/saved.js';
import { todoWords } from '../components/todo.js';
import type { Platform } from '../platform.js';
import { t } from '../texts/core.js';
import type { Overview } from './rows.js';
import { waiting } from './todos.js';

/** More than this at once is one notification with a number. */
const SINGLE = 3;

/** Notifies of what needs a person and did not when the worker looked last, each once. What was there when notifications
 * were turned on stays silent: the reader has just seen it. */
export async function tellNews(platform: Platform, connection: SavedConnection, overview: Overview): Promise<void> {
  if (!(await platform.hasPermission('notifications'))) return platform.forget([toldKey(connection.id)]);
  const stored = await platform.read(toldKey(connection.id));
  const told = Array.isArray(stored) ? new Set<unknown>(stored) : undefined;
  const todos = waiting(overview.todos);
  // Written first: a worker that dies in between tells nothing rather than twice.
  await platform.write(
    toldKey(connection.id),
    todos.map(({ id }) => id),
  );
  const news = told === undefined ? [] : todos.filter(({ id }) => !told.has(id));
  if (news.length > SINGLE) {
    const { title, rest } = todoWords(news[0]!, Date.parse(overview.serverTime));
    return platform.notify(connection.id, t.value.news.several(news.length, connection.name), `${title} · ${rest}`);
  }
  for (const todo of news) {
    const { title, until } = todoWords(todo, Date.parse(overview.serverTime));
    await platform.notify(`${connection.id} ${todo.id}`, title, `${until}\n${connection.name}`);
  }
}
