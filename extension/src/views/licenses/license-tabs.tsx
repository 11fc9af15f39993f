import { hrefOf, place } from '../../model/place.js';
import { o } from '../../texts/orders.js';

const TABS = ['licenses', 'orders', 'grants'] as const;

/** Licenses, the orders that bring them, and what was given down of them. */
export function LicenseTabs() {
  const words = o.value.tabs;
  const here = place.value.item ?? 'licenses';
  return (
    <nav class="tabs" aria-label={words.label}>
      {TABS.map((tab) => (
        <a
          key={tab}
          href={hrefOf('licenses', tab === 'licenses' ? undefined : tab)}
          aria-current={tab === here ? 'page' : undefined}
        >
          {words[tab]}
        </a>
      ))}
    </nav>
  );
}
