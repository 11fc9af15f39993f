import { Icon } from '../../components/icon.js';
import { reasonOf } from '../../components/reason.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { todoWords } from '../../components/todo.js';
import { now } from '../../model/clock.js';
import { hrefOf } from '../../model/place.js';
import type { Overview, Todo } from '../../model/rows.js';
import { waiting } from '../../model/todos.js';
import { t } from '../../texts/core.js';
import { listed } from '../../texts/format.js';
import { p } from '../../texts/pages.js';

/** Where the cure is. */
export function placeOfCure({ kind, subject: { type, id } }: Todo): string {
  if (kind === 'replace_key') return hrefOf('pools', undefined, { create: 'key' });
  if (type === 'pool_license') return hrefOf('pools', undefined, { tab: 'pooled' });
  // The machine alone, open, among any number.
  return hrefOf('machines', id, { search: id });
}

/** What is wrong; which grace until when; ruler; rest; one button that names the cure. Stopped first, then by time left;
 * only the first has the accent. */
export function TodoList({ overview }: { overview: Overview }) {
  const todos = waiting(overview.todos);
  const words = p.value.overview;
  return (
    <section>
      <div class="section-head">
        <h2>{words.todo}</h2>
        {todos.length > 0 && <p class="quiet">{words.todoSub(todos.length, overview.todosMore ?? 0)}</p>}
        {todos.length > 0 && <p class="quiet end wide-only">{words.ticks}</p>}
      </div>
      {todos.length === 0 ? (
        <div class="box all-well">
          <Icon name="ok" class="ok" />
          <div>
            <p class="strong">{t.value.todo.none}</p>
            <p class="soft">{t.value.todo.noneSub}</p>
          </div>
        </div>
      ) : (
        <ul class="box todos">
          {todos.map((todo, i) => (
            <TodoItem key={todo.id} todo={todo} isFirst={i === 0} />
          ))}
        </ul>
      )}
    </section>
  );
}

function TodoItem({ todo, isFirst }: { todo: Todo; isFirst: boolean }) {
  const words = p.value.overview;
  const { icon, tone, title, until, rest } = todoWords(todo, now.value);
  const missing = todo.decision?.needs?.length ? reasonOf(todo.decision).missing.map(({ text }) => text) : [];
  const act: Partial<Record<Todo['kind'] | 'license' | 'machine', string>> = words.act;
  const see = todo.subject.type === 'pool_license' ? act.license : act.machine;
  return (
    <li class="todo-row">
      <Icon name={icon} class={tone} />
      <div class="todo-what">
        <p class="strong">{title}</p>
        <p class="soft">{missing.length > 0 ? `${until} · ${words.needs(listed(missing))}` : until}</p>
      </div>
      <TimeRuler since={Date.parse(todo.since)} until={Date.parse(todo.until)} />
      <span class={`todo-rest strong ${tone === 'stop' ? 'stop' : ''}`}>{rest}</span>
      <a class={`button ${isFirst ? 'primary' : ''}`} href={placeOfCure(todo)}>
        {act[todo.kind] ?? see}
      </a>
    </li>
  );
}
