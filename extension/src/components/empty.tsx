import type { ComponentChildren } from 'preact';

/** Says what would be here, and has the one act that fills it. Stands where the data would be. */
export function Empty(props: { title: string; body?: string | undefined; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="strong">{props.title}</p>
      {props.body !== undefined && <p class="soft">{props.body}</p>}
      {props.children}
    </div>
  );
}
