import type { Message } from '@leasehold/protocol';
import type { Owner } from '../hosts/places.js';
import { reportedPlace } from '../hosts/under.js';
import type { Reader } from '../store/index.js';
import { newInstance, reported, type InstanceRow } from './instance.js';

interface Asking {
  readonly account: string;
  readonly jkt: string;
  /** The id that it gets where it is not known. */
  readonly freshId: string;
  /** Whose it is, or will be by its key. */
  readonly owner: Owner;
  readonly request: Pick<Message<'ActivateRequest'>, 'product' | 'version' | 'machine' | 'server'>;
}

/** The instance as it will be stored if what it asks for goes through. */
export async function draftOf(
  reader: Reader,
  input: Asking,
  known: InstanceRow | undefined,
  now: number,
): Promise<InstanceRow> {
  const { account, jkt, request, owner } = input;
  const id = known?.id ?? input.freshId;
  const hardwareUuid = request.machine.components['hardware_uuid'];
  const { product } = request;
  return {
    ...(known ?? newInstance({ account, id, jkt, product, registered_at: now, last_seen_at: now })),
    jkt,
    product,
    last_seen_at: now,
    ...reported(request.machine, request.server?.version ?? request.version, request.server?.utcOffsetMinutes),
    ...(await reportedPlace(reader, account, { id, hardwareUuid, owner }, known, now)),
  };
}
