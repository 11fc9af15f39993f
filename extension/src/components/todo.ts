import type { Todo } from '../model/rows.js';
import { t } from '../texts/core.js';
import { instant, shortDay, span } from '../texts/format.js';
import type { IconName } from './icon.js';

export interface TodoWords {
  readonly icon: IconName;
  readonly tone: 'attention' | 'stop';
  readonly title: string;
  readonly until: string;
  /** How long is left, or how long ago it stopped. */
  readonly rest: string;
}

/** A to-do in words: what is wrong; which grace until when, by its own name; how long is left. */
export function todoWords(todo: Todo, at: number): TodoWords {
  const words = t.value.todo;
  const end = Date.parse(todo.until);
  const isOver = end <= at;
  const kind = todo.kind;
  const isStopped = kind === 'stopped';
  return {
    icon: isStopped ? 'stop' : kind === 'fork' ? 'fork' : 'alert',
    tone: isStopped ? 'stop' : 'attention',
    title: words.title[kind](todo.subject.name),
    until: words.until[kind](isStopped ? shortDay(end) : instant(end)),
    rest: isOver ? words.ago(span(at - end)) : span(end - at),
  };
}

/** Stopped first, then by time left. */
export function inOrder(todos: readonly Todo[]): readonly Todo[] {
  const rank = (todo: Todo) => (todo.kind === 'stopped' ? 0 : 1);
  return todos.toSorted((a, b) => rank(a) - rank(b) || Date.parse(a.until) - Date.parse(b.until));
}
