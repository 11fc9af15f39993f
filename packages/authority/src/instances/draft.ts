import type { Message } from '@leasehold/protocol';
import { reportedHost } from '../hosts/under.js';
import type { Reader } from '../store/index.js';
import { reported, type InstanceRow } from './instance.js';

interface Asking {
  readonly account: string;
  readonly jkt: string;
  /** The id that it gets where it is not known. */
  readonly freshId: string;
  readonly request: Pick<Message<'ActivateRequest'>, 'product' | 'version' | 'machine' | 'server'>;
}

/** The instance as it will be stored if what it asks for goes through. */
export async function draftOf(
  reader: Reader,
  input: Asking,
  known: InstanceRow | undefined,
  now: number,
): Promise<InstanceRow> {
  const { account, jkt, request } = input;
  const id = known?.id ?? input.freshId;
  const hardwareUuid = request.machine.components['hardware_uuid'];
  return {
    ...(known ?? EMPTY),
    account,
    id,
    jkt,
    product: request.product,
    registered_at: known?.registered_at ?? now,
    last_seen_at: now,
    ...reported(request.machine, request.server?.version ?? request.version, request.server?.utcOffsetMinutes),
    host_id: (await reportedHost(reader, account, { id, hardwareUuid })) ?? known?.host_id ?? null,
  } as InstanceRow;
}

const EMPTY = {
  company_id: null,
  host_id: null,
  declared_host_id: null,
  cluster_group_id: null,
  state: 'active',
  short_since: null,
  lease_id: null,
  lease_seq: 0,
  lease_parent: null,
  lease_nonce: null,
  entitlement_kind: null,
  entitlement_id: null,
} as const;
