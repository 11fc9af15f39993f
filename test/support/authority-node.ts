import { startAuthority, type AuthorityOptions, type LogLine } from '@leasehold/authority';

// One node of an authority as a process of its own: options from the command line, its clock set by messages, so that it
// can be killed. It ends with the test that started it.

/** What a node is told, and what it tells. */
export type ToNode = { readonly clockShift: number };
export type FromNode = { readonly url: string } | { readonly failed: string } | { readonly log: LogLine };

const options = JSON.parse(process.argv[2]!) as Pick<AuthorityOptions, 'db' | 'dataDir' | 'port'>;
let shift = Number(process.argv[3] ?? 0);
const tell = (message: FromNode): void => void process.send?.(message);

process.on('message', ({ clockShift }: ToNode) => (shift = clockShift));
process.on('disconnect', () => process.exit(0));
const log = (line: LogLine): void => {
  if (line.event !== 'request') tell({ log: line });
};
startAuthority({ ...options, now: () => Date.now() + shift, log }).then(
  ({ url }) => tell({ url }),
  (error: Error) => tell({ failed: error.stack ?? error.message }),
);
