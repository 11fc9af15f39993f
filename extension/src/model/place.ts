import { computed, signal, type ReadonlySignal } from '@preact/signals';

export const PAGES = [
  'overview',
  'licenses',
  'pools',
  'machines',
  'technicians',
  'plan',
  'exchange',
  'activity',
  'agent',
  'settings',
] as const;
export type PageName = (typeof PAGES)[number] | 'connect';

/** Where the reader is: the page, what is open in it, and its filters, all in the address after `#`. */
export interface Place {
  readonly page: PageName;
  readonly item: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

const hash = signal(typeof location === 'undefined' ? '' : location.hash);

export const place: ReadonlySignal<Place> = computed(() => placeOf(hash.value));

export function placeOf(text: string): Place {
  const [path = '', query = ''] = text.replace(/^#\/?/, '').split('?', 2);
  const [name, item] = path.split('/').map(decode);
  const page = name === 'connect' ? name : (PAGES.find((each) => each === name) ?? 'overview');
  return { page, item: item || undefined, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place, for links. Empty filters are left out. */
export function hrefOf(
  page: PageName,
  item?: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(pairs).toString();
  return `#/${page}${item === undefined ? '' : `/${encodeURIComponent(item)}`}${search === '' ? '' : `?${search}`}`;
}

export function followAddress(): void {
  addEventListener('hashchange', () => {
    hash.value = location.hash;
  });
}

/** Changes filters without a new entry in the history. */
export function setQuery(query: Readonly<Record<string, string | undefined>>): void {
  const { page, item } = place.value;
  history.replaceState(null, '', hrefOf(page, item, query));
  hash.value = location.hash;
}

export function go(href: string): void {
  location.hash = href.replace(/^#/, '');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
