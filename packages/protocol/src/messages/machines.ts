import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, nullable, oneOf } from './common.js';
import { MachineRow } from './console.js';

const DryRun = Type.Optional(Type.Boolean());
const Note = Type.String({ minLength: 1, maxLength: 500 });

/** What only a person knows of a machine, kept with author and time and checked against what is seen later (AIP-2.2):
 * `disposed` and `dead` take it out of service, `in_service` takes that back, `standby_of` and `replaces` name another
 * machine in `of`. `replaces` moves the license along (AIP-2.1, F-7). */
export const MachineDeclare = Type.Object({
  kind: oneOf(['disposed', 'dead', 'in_service', 'standby_of', 'replaces']),
  of: Type.Optional(Id),
  note: Type.Optional(Note),
  dryRun: DryRun,
});

/** A standby that was never started yet: it waits for the state of this machine to boot on other hardware (F-6). */
export const StandbyCreate = Type.Object({ name: Name, dryRun: DryRun });

/** What becomes of a copy: it takes the place of its original, gets a license of its own, or goes out of service.
 * `license` says which license it gets; the original's own by default, where that has a free seat. */
export const ForkDecide = Type.Object({
  decision: oneOf(['replace', 'license', 'retire']),
  license: Type.Optional(Id),
  dryRun: DryRun,
});

export const DeclarationRow = Type.Object({
  id: Id,
  machine: Id,
  kind: oneOf(['disposed', 'dead', 'standby_of', 'replaces']),
  of: nullable(Id),
  note: nullable(Note),
  author: Id,
  at: Instant,
  /** When the machine spoke although it was said to be gone. */
  contradictedAt: nullable(Instant),
  withdrawnAt: nullable(Instant),
});

/** One check-in that was not simply the next of the same machine, and what it was judged by. */
export const EvidenceRow = Type.Object({
  at: Instant,
  verdict: oneOf(['same', 'drift', 'restored', 'moved', 'cloned', 'unknown']),
  /** Where its request stood in the lease chain. */
  chain: oneOf(['next', 'restored', 'cloned', 'original', 'recovered', 'unknown']),
  /** 0 to 1, by weight of the parts that could be compared; null: too few to tell. */
  similarity: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  changed: Type.Array(Id, { maxItems: 64 }),
  /** Boot id and VM generation id against the last check-in. */
  boot: oneOf(['same', 'other', 'unknown']),
  generation: oneOf(['same', 'other', 'unknown']),
  /** The instance that the branch left here became, or that this one was copied from. */
  kin: nullable(Id),
});

export const MachineDetail = Type.Object({
  machine: MachineRow,
  /** Of a copy: of which machine, until when it runs without a license of its own, what was decided. `undecided`: nothing
   * says which of the two is the original. */
  fork: nullable(
    Type.Object({
      of: Id,
      since: Instant,
      until: Instant,
      undecided: Type.Boolean(),
      decision: nullable(oneOf(['replace', 'license', 'retire', 'standby'])),
    }),
  ),
  declarations: Type.Array(DeclarationRow, { maxItems: 200 }),
  evidence: Type.Array(EvidenceRow, { maxItems: 200 }),
  /** Seats that it holds itself. `reusableFrom`: given back, and free from then on. */
  seats: Type.Array(
    Type.Object({ license: Id, edition: Id, state: oneOf(['held', 'waiting']), reusableFrom: nullable(Instant) }),
    { maxItems: 200 },
  ),
  /** Is its seat worth taking back (D-10)? */
  stale: DecisionMessage,
});

/** Gives a machine, host or cluster group a seat of a license before anything activates there. */
export const LicenseBind = Type.Object({
  to: Type.Object({ type: oneOf(['machine', 'host', 'cluster_group']), id: Id }),
  dryRun: DryRun,
});

/** `reusableFrom` null: the seat is free now. */
export const MachineReleased = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  reusableFrom: nullable(Instant),
});
