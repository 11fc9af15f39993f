import { Type } from '@sinclair/typebox';
import { Digest, Id, Instant, Name, oneOf } from './common.js';

/** A hypervisor host with all of its guests. Host and guests are named by the keyed hashes of their hardware UUIDs, or by
 * names of somebody's choice. */
export const HostReport = Type.Object({
  id: Id,
  name: Type.Optional(Name),
  kind: oneOf(['bare_metal', 'hosted']),
  hypervisor: Id,
  hciId: Type.Optional(Id),
  guests: Type.Array(Id, { maxItems: 10_000 }),
});

/** Groups with all of their nodes; a machine is named as a guest is. Groups that are left out stay as they were. */
export const ClusterReports = Type.Array(
  Type.Object({ id: Id, name: Type.Optional(Name), nodes: Type.Array(Id, { minItems: 1, maxItems: 1000 }) }),
  { maxItems: 1000 },
);

/** What a machine with a HyperAgent tells of the hosts that it reaches. `digest` is its own name for what it told of a host;
 * a host that has not changed since comes by that alone. */
export const AgentInventory = Type.Object({
  instance: Id,
  product: Id,
  takenAt: Instant,
  hosts: Type.Array(Type.Composite([HostReport, Type.Object({ digest: Digest })]), { maxItems: 5000 }),
  unchanged: Type.Array(Type.Object({ id: Id, digest: Digest }), { maxItems: 5000 }),
  clusters: Type.Optional(ClusterReports),
  /** Agentless backups run through it (AIP-7.4). */
  agentlessInUse: Type.Boolean(),
  /** Of a report that is too large for one request: the same `report` in each, `n` from 0 to `of` - 1. Nothing counts before
   * the last, which carries all the rest. */
  part: Type.Optional(
    Type.Object({
      report: Id,
      n: Type.Integer({ minimum: 0, maximum: 63 }),
      of: Type.Integer({ minimum: 2, maximum: 64 }),
    }),
  ),
});
/** `wanted`: hosts that the authority holds otherwise, to be told whole. `disputed`: hosts and groups that belong to
 * another company; they stay as they were. */
export const AgentInventoryReply = Type.Object({
  wanted: Type.Array(Id, { maxItems: 5000 }),
  disputed: Type.Optional(Type.Array(Id, { maxItems: 6000 })),
  serverTime: Instant,
});
