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
  const { kind, subject, host } = todo;
  const others = (host?.guests ?? 1) - 1;
  const name = others === 0 ? subject.name : words.withOthers(subject.name, others);
  const isStopped = kind === 'stopped';
  return {
    icon: isStopped ? 'stop' : kind === 'fork' ? 'fork' : 'alert',
    tone: isStopped ? 'stop' : 'attention',
    title: words.title[subject.type === 'pool_license' ? 'maintenance' : kind](name),
    until: words.until[kind](isStopped ? shortDay(end) : instant(end)),
    rest: isOver ? words.ago(span(at - end)) : span(end - at),
  };
}
