import { leaseholdJson } from '../leasehold.js';
import { must, type Step } from '../story.js';

export const usageStep: Step = {
  title: 'Usage rides on the check-in and shows at the authority',
  async run({ screen, place, admin }) {
    await leaseholdJson(['check-in', '--config', place.agentConfig], place.folder);
    const { rows } = (await admin.call({ route: 'usage' })) as {
      rows: readonly { kind: string; jobs: number; bytes: number }[];
    };
    const backup = rows.find(({ kind }) => kind === 'backup');
    must(backup?.jobs === 1 && backup.bytes > 0, `the authority counted ${JSON.stringify(rows)}`);
    screen.done(`Counted once: ${backup.jobs} backup, ${(backup.bytes / 1e6).toFixed(1)} MB protected.`);
    return {};
  },
};
