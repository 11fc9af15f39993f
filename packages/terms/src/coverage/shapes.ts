import {
  anyText,
  binding,
  count,
  entries,
  flag,
  idOf,
  iso,
  isoOrDay,
  listOf,
  nullable,
  object,
  oneOf,
  optional,
  text,
  wrong,
  type Check,
  type Place,
} from '../reading.js';

const TERMS = ['perpetual', 'subscription', 'trial', 'rental'] as const;
const BINDINGS = ['machine', 'host', 'cluster_group', 'technician', 'instance', 'domain', 'company', 'server'] as const;
const anyBinding = object({ type: oneOf(...BINDINGS), id: text });

const machine = object({
  id: text,
  kind: oneOf('physical', 'guest', 'cloud'),
  os: oneOf('windows_server', 'windows_client', 'linux', 'macos', 'unknown'),
  hostId: optional(text),
  declaredHostId: optional(text),
  clusterGroupId: optional(text),
  poweredOn: optional(flag),
  duplicateOf: optional(text),
  redundantOf: optional(text),
  declared: optional(oneOf('disposed')),
  supersededBy: optional(text),
  supersededAt: optional(iso),
  shortSince: optional(iso),
  firstBackupAt: optional(iso),
  standby: optional(flag),
  hyperAgent: optional(object({ connectableHosts: listOf(text) })),
});

const host = object({
  id: text,
  kind: oneOf('bare_metal', 'hosted'),
  hypervisor: optional(anyText),
  hciId: optional(text),
  onMachine: optional(text),
  guestCount: optional(count),
  inventoryAsOf: optional(iso),
});

const licenseFields = object({
  id: text,
  // Any text: an edition that this catalog does not know is shown and never counts.
  edition: text,
  term: oneOf(...TERMS),
  startsAt: optional(iso),
  validUntil: optional(nullable(isoOrDay)),
  boundTo: nullable(anyBinding),
  state: optional(oneOf('active', 'revoked')),
});

/** Only a perpetual license may be without an end: a missing date never licenses for ever. */
function license(value: unknown, place: Place): void {
  licenseFields(value, place);
  const { term, validUntil } = value as { readonly term: string; readonly validUntil?: string | null };
  if (term !== 'perpetual' && (validUntil === undefined || validUntil === null)) {
    wrong({ path: `${place.path}.validUntil` }, `a ${term} license has an end: give its instant or day`);
  }
}

/** Facts of machines, hypervisor hosts and what is bound to them. */
export const coverageFacts: Readonly<Record<string, Check>> = {
  machines: optional(entries(machine)),
  hosts: optional(entries(host)),
  hcis: optional(entries(object({ id: text, hostIds: listOf(text) }))),
  clusters: optional(entries(object({ id: text, nodeIds: listOf(text) }))),
  licenses: optional(entries(license)),
  media: optional(
    entries(
      object({ id: text, base: oneOf('linux', 'winpe'), stamp: oneOf('valid', 'invalid', 'missing', 'expired') }),
    ),
  ),
  sessions: optional(
    entries(
      object({
        id: text,
        license: text,
        technician: optional(text),
        media: text,
        machine: text,
        startedAt: iso,
        endedAt: optional(nullable(iso)),
        leaseExpiresAt: iso,
      }),
    ),
  ),
  usage: optional(object({ agentlessInUse: optional(flag), hyperAgentAllowanceUsedBy: optional(listOf(text)) })),
};

const machineId = idOf('machines');
const hostId = idOf('hosts');
const licenseId = idOf('licenses');
const clusterId = idOf('clusters');
const disposition = optional(oneOf('disposed', 'dead', 'parallel', 'undeclared'));
/** Whatever was found out about a proof: only `valid` opens anything. */
const proof = optional(text);

/** A system may be known by its own entry or by its hosts alone. One without any says nothing of its cover. */
function hciId(value: unknown, place: Place): void {
  if (place.ledger?.hciHosts(value as string).length !== 0) return;
  idOf('hcis')(value, place);
  wrong(place, 'names a system without hosts: give its hosts');
}

/** A group whose cover can be asked: without nodes nothing is known of it. */
function groupWithNodes(value: unknown, place: Place): void {
  clusterId(value, place);
  const group = place.ledger?.find('clusters', value as string);
  if (group !== undefined && place.ledger?.nodesOf(group).length === 0) {
    wrong(place, 'names a group without nodes: give its nodes');
  }
}

/** What a license may be put on. */
const target = binding({
  machine: machineId,
  host: hostId,
  cluster_group: clusterId,
  technician: text,
});

/** Which kind of machine a migration starts from, and which field names where it ends. */
const ENDS: Readonly<Record<string, readonly [source: string, target: 'targetMachine' | 'targetHost', kind: string]>> =
  {
    P2P: ['physical', 'targetMachine', 'physical'],
    P2V: ['physical', 'targetHost', ''],
    P2C: ['physical', 'targetMachine', 'cloud'],
    V2P: ['guest', 'targetMachine', 'physical'],
    V2V: ['guest', 'targetHost', ''],
    V2C: ['guest', 'targetMachine', 'cloud'],
    C2P: ['cloud', 'targetMachine', 'physical'],
    C2V: ['cloud', 'targetHost', ''],
    C2C: ['cloud', 'targetMachine', 'cloud'],
  };

function migration(value: unknown, place: Place): void {
  object({ kind: oneOf(...Object.keys(ENDS)), source: machineId, sourceDisposition: disposition })(value, place);
  const request = value as Readonly<Record<string, string>>;
  const [source, field, kind] = ENDS[request['kind'] ?? ''] ?? ['', 'targetHost', ''];
  object({ [field]: field === 'targetHost' ? hostId : machineId })(value, place);
  const kindOf = (id: string | undefined): string | undefined => place.ledger?.machine(id)?.kind;
  if (kindOf(request['source']) !== source) wrong({ path: 'when.source' }, `must be a ${source} machine for this kind`);
  if (kind !== '' && kindOf(request[field]) !== kind)
    wrong({ path: `when.${field}` }, `must be a ${kind} machine for this kind`);
}

/** Action → shape of its request. Where a field may be left out, the rule that reads it says what that means. */
export const coverageRequests: Readonly<Record<string, Check>> = {
  backup: object({
    machine: machineId,
    mode: optional(oneOf('agent', 'agentless')),
    scope: optional(oneOf('system_image', 'image', 'volume', 'file', 'guests', 'host_os', 'entire_host')),
    protects: optional(oneOf('local', 'network_share')),
  }),
  // A restore may go onto a machine that nothing is known of, or name none: that never holds it up (D-1).
  restore: object({ machine: optional(text) }),
  'standby.deploy': object({ active: machineId, standby: machineId }),
  disk_to_disk: object({ source: machineId, target: machineId, sourceDisposition: disposition }),
  migrate: migration,
  'standby.create': object({
    feature: optional(oneOf('vStandby', 'HyperStandby')),
    from: oneOf('live', 'backup_files'),
    backupMethod: optional(oneOf('agent', 'agentless')),
    source: machineId,
    targetHost: hostId,
  }),
  'coverage.check': object({
    scope: binding({ machine: machineId, host: hostId, hci: hciId, cluster_group: groupWithNodes }),
  }),
  'license.activate': object({ license: licenseId, on: target }),
  'license.move': object({
    license: licenseId,
    to: target,
    replaces: optional(anyBinding),
    sourceDisposition: disposition,
  }),
  'license.move_back': object({ license: licenseId, from: machineId, to: machineId }),
  'be_media.use': object({
    media: idOf('media'),
    machine: machineId,
    purpose: oneOf('system_recovery', 'cold_backup', 'file_recovery'),
    imageOf: optional(text),
    sourceDisposition: disposition,
    clock: optional(oneOf('trusted', 'untrusted')),
    recoveryProof: proof,
    oneTimeCode: proof,
  }),
  'itpro.session.start': object({
    license: licenseId,
    technician: text,
    media: idOf('media'),
    machine: machineId,
    operation: oneOf('backup', 'cold_backup', 'restore', 'system_recovery', 'file_recovery', 'migrate'),
  }),
  'itpro.media.create': object({ license: licenseId, technician: text, existingMedia: count }),
  'itpro.reassign': object({ license: licenseId, toTechnician: text, by: oneOf('holder', 'authority') }),
};
