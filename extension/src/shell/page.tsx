import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { FeedState } from '../components/feed-state.js';
import { Icon } from '../components/icon.js';
import { live } from '../model/app.js';
import { instant } from '../texts/format.js';
import { s } from '../texts/shell.js';

interface PageProps {
  readonly title: string;
  /** What stands before the title: `Organization /`. */
  readonly before?: ComponentChildren;
  readonly aside?: ComponentChildren;
  /** Tabs below the head. */
  readonly tabs?: ComponentChildren;
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

/** Head, what must be said of the data's age, body. The title takes the focus when the reader comes to another page. */
export function Page({ title, before, aside, tabs, busy = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const status = live.value?.status.value;
  // With the page itself: a moment later the reader may have gone on by Tab, and would be thrown back.
  useLayoutEffect(() => {
    document.title = `${title} · Leasehold`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main class="page" id="content">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {before !== undefined && <span class="before">{before} / </span>}
          {title}
        </h1>
        <div class="page-aside">{aside}</div>
        {status !== undefined && (
          <div class="head-feed">
            <FeedState status={status} short />
          </div>
        )}
      </header>
      <div class="saving-line" data-on={busy} />
      {tabs}
      <Banners />
      <div class="page-body">{children}</div>
    </main>
  );
}

/** Data that is not the present one says so, on every page. */
function Banners() {
  const shown = live.value;
  const status = shown?.status.value;
  return (
    <>
      {status?.phase === 'offline' && (
        <p class="banner attention" role="status">
          <Icon name="unlink" />
          <span>{s.value.failed.offline(instant(status.since))}</span>
        </p>
      )}
      {shown?.restored.value === true && (
        <p class="banner attention" role="status">
          <Icon name="alert" />
          <span>{s.value.failed.restored}</span>
          <button type="button" class="icon-button" onClick={() => (shown.restored.value = false)}>
            <Icon name="close" label={s.value.failed.dismiss} />
          </button>
        </p>
      )}
    </>
  );
}
