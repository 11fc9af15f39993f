import type { OptionalPermission, Platform } from '../../../extension/src/platform.js';

/** What the browser does for the console, in memory: for tests of what needs no browser. Its answers to permission
 * requests are set by the test. */
export class MemoryPlatform implements Platform {
  readonly stored = new Map<string, unknown>();
  readonly badge = { text: '', tone: '' };
  readonly asked: string[] = [];
  readonly released: string[] = [];
  readonly permissions: Set<OptionalPermission> = new Set<OptionalPermission>();
  readonly notified: { id: string; title: string; body: string }[] = [];
  /** What the native host answers. */
  agent: unknown;
  grants = true;
  readonly #queues = new Map<string, Promise<unknown>>();

  async read(key: string): Promise<unknown> {
    return structuredClone(this.stored.get(key));
  }

  readonly policy = new Map<string, unknown>();

  async readPolicy(key: string): Promise<unknown> {
    return this.policy.get(key);
  }

  async write(key: string, value: unknown): Promise<void> {
    this.stored.set(key, structuredClone(value));
  }

  async forget(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.stored.delete(key);
  }

  watch(): () => void {
    return () => undefined;
  }

  exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#queues.set(name, mine);
    return mine;
  }

  whenOnline(): () => void {
    return () => undefined;
  }

  async requestHost(url: string): Promise<boolean> {
    this.asked.push(url);
    return this.grants;
  }

  async releaseHost(url: string): Promise<void> {
    this.released.push(url);
  }

  async hasPermission(name: OptionalPermission): Promise<boolean> {
    return this.permissions.has(name);
  }

  async requestPermission(name: OptionalPermission): Promise<boolean> {
    if (this.grants) this.permissions.add(name);
    return this.grants;
  }

  async releasePermission(name: OptionalPermission): Promise<void> {
    this.permissions.delete(name);
  }

  async askAgent(): Promise<unknown> {
    return this.agent;
  }

  async notify(id: string, title: string, body: string): Promise<void> {
    this.notified.push({ id, title, body });
  }

  async openConsole(): Promise<void> {}

  async setBadge(text: string, tone: 'attention' | 'stop'): Promise<void> {
    Object.assign(this.badge, { text, tone });
  }

  async wakeWorker(): Promise<void> {}

  language(): string {
    return 'en';
  }

  version(): string {
    return '0.0.0';
  }
}
