import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLicense, type License, type LicenseOptions, type Testing } from '@leasehold/sdk';
import { afterEach } from 'vitest';
import { startLoopbackAuthority, type Behavior, type LoopbackAuthority } from './loopback-authority.js';

const cleanups: (() => unknown)[] = [];
/** Runs after the test, last registered first. */
export function cleanUp(action: () => unknown): void {
  cleanups.push(action);
}
afterEach(async () => {
  for (const action of cleanups.splice(0).toReversed()) await action();
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-sdk-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands where it is put: wall time and uptime go together unless a test parts them. */
export class HandClock {
  wallMs: number;
  uptimeMs = 3_600_000;
  bootId: string | null = 'boot-1';
  constructor(wallMs: number = Date.now()) {
    this.wallMs = wallMs;
  }
  wall(): number {
    return this.wallMs;
  }
  read(): { wall: number; uptime: number; bootId: string | null } {
    return { wall: this.wallMs, uptime: this.uptimeMs, bootId: this.bootId };
  }
  pass(ms: number): void {
    this.wallMs += ms;
    this.uptimeMs += ms;
  }
}

/** What one installation is opened with again and again. */
export class Site {
  readonly stateDir: string = join(temporaryFolder(), 'license');
  readonly runFolder: string = temporaryFolder();
  readonly authority: LoopbackAuthority;
  readonly clock: HandClock = new HandClock();

  private constructor(authority: LoopbackAuthority) {
    this.authority = authority;
  }

  static async start(behave: Behavior = {}): Promise<Site> {
    const authority = await startLoopbackAuthority(behave);
    const site = new Site(authority);
    authority.behave.now ??= () => Math.floor(site.clock.wallMs / 1000);
    cleanUp(() => authority.close());
    return site;
  }

  options(more: Partial<LicenseOptions> = {}, testing: Testing = {}): LicenseOptions {
    return {
      product: 'acme-backup',
      version: '12.1',
      roots: [this.authority.root],
      authority: this.authority.url,
      stateDir: this.stateDir,
      testing: { clock: this.clock, socket: { runFolder: this.runFolder }, ...testing },
      ...more,
    };
  }

  async open(more: Partial<LicenseOptions> = {}, testing: Testing = {}): Promise<License> {
    const license = await openLicense(this.options(more, testing));
    cleanUp(() => license.close());
    return license;
  }
}

export const BACKUP = { action: 'backup', machine: 'self', scope: 'system_image' } as const;
export const RESTORE = { action: 'restore', machine: 'self' } as const;
export const DAY = 86_400_000;

export { machineNamed } from './hardware.js';
