import type { FeedStatus } from '../feed/feed-status.js';
import { t } from '../texts/core.js';
import { time } from '../texts/format.js';
import { Icon, type IconName } from './icon.js';

interface Words {
  readonly icon: IconName;
  readonly tone: 'ok' | 'attention' | 'stop' | 'quiet';
  readonly word: string;
}

/** What can honestly be said of the data: verified, checking, offline since, refused, stopped. */
function feedWords(status: FeedStatus): Words {
  const words = t.value.feed;
  if (status.phase === 'live') {
    return status.verified
      ? { icon: 'shield', tone: 'ok', word: words.verified }
      : { icon: 'pending', tone: 'quiet', word: words.unverified };
  }
  if (status.phase === 'offline') {
    return { icon: 'unlink', tone: 'attention', word: words.offlineSince(time(status.since)) };
  }
  if (status.phase === 'refused') return { icon: 'alert', tone: 'attention', word: words.refused };
  if (status.phase === 'stopped') return { icon: 'stop', tone: 'stop', word: words.stopped };
  return { icon: 'pending', tone: 'quiet', word: words.connecting };
}

export function FeedState({ status, short = false }: { status: FeedStatus; short?: boolean }) {
  const { icon, tone, word } = feedWords(status);
  const isShort = short && status.phase === 'live';
  const brief = status.phase === 'live' && status.verified ? t.value.feed.verifiedShort : t.value.feed.unverifiedShort;
  return (
    <span class="feed-state" role="status">
      <Icon name={icon} class={tone} />
      <span>{isShort ? brief : word}</span>
    </span>
  );
}
