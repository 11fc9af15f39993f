import type { Todo } from './rows.js';

/** What waits for a person: stopped first, then by time left. Guests of one host that are short together have one cure,
 * and are one thing to do. */
export function waiting(todos: readonly Todo[]): readonly Todo[] {
  const rank = (todo: Todo) => (todo.kind === 'stopped' ? 0 : 1);
  const hosts = new Set<string>();
  return todos
    .toSorted((a, b) => rank(a) - rank(b) || Date.parse(a.until) - Date.parse(b.until))
    .flatMap((todo) => {
      const { kind, host } = todo;
      if (host === undefined) return todo;
      if (hosts.has(host.id)) return [];
      hosts.add(host.id);
      return { ...todo, id: `${kind}-${host.id}` };
    });
}
