import type { Browser } from 'webextension-polyfill';

declare const chrome: Browser;

/** Firefox's name, and Chromium's since 148. Before that its `chrome` gives promises too; only a listener of messages that
 * returns one is not waited for there, so the answer is sent. */
const { browser = chrome } = globalThis as unknown as { readonly browser?: Browser };

/** Everything the console asks of the browser. Pages and worker are given this; nothing else touches the browser API. */
export interface Platform {
  read(key: string): Promise<unknown>;
  /** What the organization set by policy; undefined where it set nothing. */
  readPolicy(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
  forget(keys: readonly string[]): Promise<void>;
  /** Calls back with the new values of the keys that changed in any page or in the worker. */
  watch(listener: (changed: Readonly<Record<string, unknown>>) => void): () => void;
  /** Runs `work` while no other page and not the worker runs one of the same name. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Calls back when the network comes back. */
  whenOnline(listener: () => void): () => void;
  /** Asks for the one origin. Only in the handler of a click, before anything is awaited; false when it was refused. */
  requestHost(url: string): Promise<boolean>;
  releaseHost(url: string): Promise<void>;
  hasPermission(name: OptionalPermission): Promise<boolean>;
  /** Only in the handler of a click, as `requestHost`. */
  requestPermission(name: OptionalPermission): Promise<boolean>;
  releasePermission(name: OptionalPermission): Promise<void>;
  /** Shows a notification; one of the same id replaces it. */
  notify(id: string, title: string, body: string): Promise<void>;
  /** Asks the native host of this machine. Rejects when none is installed, or when it ends without an answer. */
  askAgent(ask: 'status' | 'check'): Promise<unknown>;
  openConsole(place: string): Promise<void>;
  setBadge(text: string, tone: 'attention' | 'stop'): Promise<void>;
  /** Asks the worker to look now; resolves once it has, or when it died on the way. */
  wakeWorker(): Promise<void>;
  language(): string;
  /** Version of the console itself. */
  version(): string;
}

/** What a person turns on: nothing of it is asked for at installation. */
export type OptionalPermission = 'nativeMessaging' | 'notifications';

const LOOK = 'look';
/** The name that `leasehold native-host install` registers. */
const NATIVE_HOST = 'com.leasehold.host';

/** Match patterns name no port in Firefox, so there the permission is for the host. */
function originOf(url: string): string {
  const { protocol, hostname, host } = new URL(url);
  const isFirefox = browser.runtime.getURL('').startsWith('moz-extension:');
  return `${protocol}//${isFirefox ? hostname : host}/*`;
}

const BADGE = { attention: '#8a5200', stop: '#b3261e' } as const;

/** Not in every Firefox; of tabs nobody is told the address without a permission to read them. */
const { getContexts = async () => [] } = browser.runtime as Partial<typeof browser.runtime>;

async function openConsole(place: string): Promise<void> {
  const address = browser.runtime.getURL('console.html');
  const url = `${address}#${place}`;
  const open = await getContexts({ contextTypes: ['TAB'] });
  const known = open.find(({ documentUrl }) => documentUrl?.startsWith(address));
  if (known === undefined) return void (await browser.tabs.create({ url }));
  await browser.tabs.update(known.tabId, { active: true, url });
  // It may stand in another window, behind this one.
  await browser.windows.update(known.windowId, { focused: true });
}

export const platform: Platform = {
  read: async (key) => (await browser.storage.local.get(key))[key],
  // Firefox rejects where no policy is installed at all.
  readPolicy: (key) =>
    browser.storage.managed.get(key).then(
      (values) => values[key],
      () => undefined,
    ),
  write: (key, value) => browser.storage.local.set({ [key]: value }),
  forget: (keys) => browser.storage.local.remove([...keys]),
  watch(listener) {
    const changed = (changes: Record<string, { newValue?: unknown }>) =>
      listener(Object.fromEntries(Object.entries(changes).map(([key, change]) => [key, change.newValue])));
    browser.storage.local.onChanged.addListener(changed);
    return () => browser.storage.local.onChanged.removeListener(changed);
  },
  exclusively: (name, work) => navigator.locks.request(name, work),
  whenOnline(listener) {
    addEventListener('online', listener);
    return () => removeEventListener('online', listener);
  },
  requestHost: (url) => browser.permissions.request({ origins: [originOf(url)] }),
  releaseHost: async (url) => void (await browser.permissions.remove({ origins: [originOf(url)] })),
  hasPermission: (name) => browser.permissions.contains({ permissions: [name] }),
  requestPermission: (name) => browser.permissions.request({ permissions: [name] }),
  releasePermission: async (name) => void (await browser.permissions.remove({ permissions: [name] })),
  notify: async (id, title, message) =>
    void (await browser.notifications.create(id, { type: 'basic', iconUrl: 'icons/128.png', title, message })),
  askAgent: (ask) => browser.runtime.sendNativeMessage(NATIVE_HOST, { ask }),
  openConsole,
  async setBadge(text, tone) {
    await browser.action.setBadgeText({ text });
    if (text !== '') await browser.action.setBadgeBackgroundColor({ color: BADGE[tone] });
  },
  wakeWorker: () =>
    browser.runtime.sendMessage(LOOK).then(
      () => undefined,
      () => undefined,
    ),
  language: () => browser.i18n.getUILanguage(),
  version: () => browser.runtime.getManifest().version,
};

/** The worker's wake-ups: an alarm every 30 s (the least that packed extensions may have), installation, start, a changed
 * list of connections, and a page that asks. Registered in the worker's first turn, as both browsers demand. */
export function onWake(run: () => Promise<void>, opened: (notification: string) => Promise<void>): void {
  const ALARM = 'catch-up';
  const arm = () => browser.alarms.create(ALARM, { periodInMinutes: 0.5 });
  const wake = () => void run().catch(() => undefined);
  browser.alarms.onAlarm.addListener((alarm) => {
    if (alarm.name === ALARM) wake();
  });
  browser.runtime.onInstalled.addListener(() => void arm().then(wake));
  browser.runtime.onStartup.addListener(() => void arm().then(wake));
  browser.runtime.onMessage.addListener((message, sender, answer) => {
    // Nobody else's message is answered; the types know no listener that leaves some.
    if (message !== LOOK || sender.id !== browser.runtime.id) return undefined as never;
    void run().then(
      () => answer(true),
      () => answer(false),
    );
    return true;
  });
  // Not there until notifications are turned on; then it opens what the notification speaks of.
  const listen = () => {
    const { notifications } = browser as { readonly notifications?: typeof browser.notifications };
    if (notifications?.onClicked.hasListener(opened) === false) notifications.onClicked.addListener(opened);
  };
  browser.permissions.onAdded.addListener(listen);
  listen();
  browser.storage.local.onChanged.addListener((changes) => {
    if ('connections' in changes) void arm().then(wake);
  });
}
