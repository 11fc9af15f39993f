import type { OsClass } from '@leasehold/terms';

/** The class of system that editions are sold by. `platform` is Node's, `version` the system's own name of itself
 * (`Windows Server 2022 Standard`). */
export function osClass(platform: string, version: string): OsClass {
  if (platform === 'linux') return 'linux';
  if (platform === 'darwin') return 'macos';
  if (platform !== 'win32' || !/windows/i.test(version)) return 'unknown';
  return /server|hyper-v/i.test(version) ? 'windows_server' : 'windows_client';
}
