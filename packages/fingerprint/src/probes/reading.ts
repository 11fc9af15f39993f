/** What one look at a system source gave. `not_permitted` is not `absent`: as another user there may be a value. */
export type Source =
  | { readonly state: 'value'; readonly raw: string }
  | { readonly state: 'absent' }
  | { readonly state: 'not_permitted' };

export const ABSENT: Source = { state: 'absent' };

/** The parts a machine is recognized by. */
export const PARTS = ['hardware_uuid', 'machine_id', 'disk_serial', 'mac', 'board_serial', 'cpu'] as const;
export type Part = (typeof PARTS)[number];

/** Plain texts of the firmware and the kernel that tell what kind of machine this is; none of them names *this* machine.
 * A missing member is a source that is not there. */
export interface Signs {
  readonly sysVendor?: string;
  readonly productName?: string;
  readonly productVersion?: string;
  readonly biosVendor?: string;
  readonly biosVersion?: string;
  readonly boardVendor?: string;
  readonly chassisAssetTag?: string;
  /** The CPU's "a hypervisor is present" bit; undefined on processors that have none. */
  readonly cpuHypervisorBit?: boolean;
  /** `/sys/hypervisor/type`, and whether this is the privileged domain that drives the hardware. */
  readonly hypervisorType?: string;
  readonly xenControlDomain?: boolean;
  readonly deviceTreeHypervisor?: string;
  readonly clockSources?: string;
  readonly kernelRelease?: string;
  readonly kernelCommandLine?: string;
  readonly container?: { readonly kind: string; readonly source: string };
  readonly rootFileSystem?: { readonly type: string; readonly onDisk: boolean };
  /** Windows: the system started as a pre-installation environment. */
  readonly preinstallation?: boolean;
}

/** Everything one probe read. Raw values live in this object only: `identity.ts` turns them into keyed hashes, and this
 * type is not exported from the package. */
export interface Reading {
  readonly platform: string;
  readonly parts: Readonly<Record<Part, Source>>;
  readonly bootId: Source;
  readonly vmGeneration: Source;
  /** The name of the host and the guest's own id, where a hypervisor tells them to its guest. */
  readonly hostName: Source;
  readonly guestId: Source;
  readonly signs: Signs;
}

/** The numbers that firmware and emulators carry where nobody filled one in, or where all machines of a kind carry the same;
 * in small letters, without spaces, dashes and colons. The UUIDs among them stand in the inventory too, which hears them
 * from outside; a test holds both against each other. */
const PLACEHOLDERS =
  /^((.)\2+|(..)\3{15}|(mb)?0?1234567890?(abcdef|0)?|type2boardserial(number|1)|qm0000\d|drive(scsi|virtio|ide|sata)\d+|(0300020004000500000?6|00020003000400050006)0007000?80009|(12345678|78563412)(12345678|34127856)90abcddeefaabbcc|ffffff00f{24}|(00010203|03020100)(04050607|05040706)08090a0b0c0d0e0f|4c4c454400[02]020108020[8a]0c04f202020)$/;

/** A source's text if it can tell one machine from another: trimmed, and no placeholder. A number without any digit is
 * somebody's word (`Default string`), and one character over and over is nobody's. */
export function serial(source: Source): Source {
  if (source.state !== 'value') return source;
  const raw = source.raw.replaceAll('\0', '').trim();
  const bare = raw.replaceAll(/[-\s:]/g, '').toLowerCase();
  return /\d/.test(raw) && bare.length >= 4 && !PLACEHOLDERS.test(bare) ? { state: 'value', raw } : ABSENT;
}

/** The first source with a value; else `not_permitted` if any is, so that nobody takes a locked door for none. */
export function firstOf(sources: readonly Source[]): Source {
  return (
    sources.find(({ state }) => state === 'value') ?? sources.find(({ state }) => state === 'not_permitted') ?? ABSENT
  );
}
