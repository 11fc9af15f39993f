import type { isHeadClaims, isJournalPayload } from '@leasehold/protocol/guards';
import type { ReplyOf } from '@leasehold/protocol';

/** The rows and replies that pages show, by the names they have on the wire. */
export type Me = ReplyOf<'me'>;
export type Overview = ReplyOf<'overview'>;
export type Todo = Overview['todos'][number];
export type LicensePage = ReplyOf<'licenses'>;
export type LicenseRow = LicensePage['rows'][number];
export type Pools = ReplyOf<'pools'>;
export type PoolLicenseRow = Pools['licenses'][number];
export type PoolTotal = Pools['totals'][number];
export type PoolRow = Pools['pools'][number];
export type PoolKeyRow = Pools['keys'][number];
export type MachinePage = ReplyOf<'machines'>;
export type MachineRow = MachinePage['rows'][number];
export type MachineDetail = ReplyOf<'machine'>;
export type HostRow = MachinePage['hosts'][number];
export type SessionRow = ReplyOf<'sessions'>['rows'][number];
export type MediaRow = ReplyOf<'media'>['rows'][number];
export type CodeRow = ReplyOf<'codes'>['rows'][number];
export type RefusalRow = ReplyOf<'refusals'>['rows'][number];
export type CompanyRow = ReplyOf<'companies'>['rows'][number];
export type JournalRow = ReplyOf<'feed'>;
export type Decision = RefusalRow['decision'];
export type Cals = PoolRow['quota'];

type GuardedBy<G> = G extends ((value: unknown) => value is infer T) ? T : never;
export type HeadClaims = GuardedBy<typeof isHeadClaims>;
export type JournalPayload = GuardedBy<typeof isJournalPayload>;
export type Table = JournalPayload['rows'][number]['table'];

/** One row as it is after a change; null once it is gone. */
export type RowChange = { readonly table: Table; readonly id: string; readonly row: Record<string, unknown> | null };
