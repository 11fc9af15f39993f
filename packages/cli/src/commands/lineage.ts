import { LeaseholdError } from '@leasehold/protocol';
import { CONFIG_OPTION } from '../agent/config.js';
import { asFailure, withLicense } from '../agent/open.js';
import { EXIT, type Command, type Given } from '../command.js';
import { writeWholeFile } from '../write-file.js';

const WAYS = ['transfer', 'standby'] as const;

export const command: Command = {
  options: {
    ...CONFIG_OPTION,
    source: { what: 'Instance of the machine whose image is restored', value: 'ID', required: true },
    'recovery-point': { what: 'Which backup, for whoever reads the journal', value: 'NAME', required: true },
    target: { what: 'What the restored machine is called', value: 'NAME', required: true },
    as: { what: 'transfer: it takes the place of its source; standby: it stands by for it (transfer)', value: 'WAY' },
    out: {
      what: 'Write the note there: STATE_DIR/lineage.note of the restored disk (otherwise it is printed)',
      value: 'FILE',
    },
  },
  notes: [
    'On the machine that restores, which is activated and is not the source itself. The restored machine shows the note at',
    'its first check-in, once, within 30 days: then it is no copy that somebody must decide about.',
  ],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const [source = '', recoveryPoint = '', target = ''] = ['source', 'recovery-point', 'target'].map((name) =>
        given.get(name),
      );
      const made = await license.lineageNote({ source, recoveryPoint, target, as: readWay(given) });
      if (!made.ok) throw asFailure(made.problem);
      const out = given.get('out');
      if (out !== undefined) await writeWholeFile(out, made.note, 0o600);
      if (given.json) io.out(JSON.stringify(out === undefined ? { note: made.note } : { out }));
      else io.out(out === undefined ? made.note.trimEnd() : `Note written to ${out}.`);
      return EXIT.ok;
    }),
};

function readWay(given: Given): (typeof WAYS)[number] {
  const typed = given.get('as') ?? 'transfer';
  const way = WAYS.find((one) => one === typed);
  if (way !== undefined) return way;
  throw new LeaseholdError('INPUT_INVALID', `--as takes ${WAYS.join(' or ')}.`, { path: 'as' });
}
