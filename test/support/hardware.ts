import { createHash, createHmac } from 'node:crypto';
import { fingerprint } from '@leasehold/fingerprint';
import type { Testing } from '@leasehold/sdk';

/** The hardware of a machine of this name in place of our own: four parts, as a server on its own metal has them, some of
 * them changed. `installation`: what a copied disk takes along, the machine id and what the state is sealed by. `uuid`: what
 * its firmware says, where a hypervisor says the same. */
export function machineNamed(
  name: string,
  changed: Readonly<Record<string, string>> = {},
  installation: string = name,
  uuid?: string,
): Pick<Testing, 'fingerprint'> {
  const value = (part: string, of = name) => {
    const hash = createHash('sha256').update(`${part} ${of}`).digest('base64url');
    return { state: 'value', hash, of: 'machine' } as const;
  };
  const seen = ({ salt }: { readonly salt: string | Uint8Array }, raw: string) => {
    const hash = createHmac('sha256', salt).update(`hardware_uuid\0${raw}`).digest('base64url');
    return { state: 'value', hash, of: 'machine' } as const;
  };
  return {
    fingerprint: async (options) => ({
      ...(await fingerprint(options)),
      identity: { state: 'known', reason: 'PARTS_FOUND' },
      container: { kind: null, how: [] },
      machine: { kind: 'physical', os: 'linux' },
      components: {
        hardware_uuid: uuid === undefined ? value('uuid') : seen(options, uuid),
        machine_id: value('id', installation),
        disk_serial: value('disk'),
        mac: value('mac'),
        ...Object.fromEntries(Object.entries(changed).map(([part, raw]) => [part, value(raw)])),
      },
      binding: installation,
    }),
  };
}
