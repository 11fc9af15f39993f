import { problemWords } from '../../components/problem.js';
import { saveFile } from '../../components/save-file.js';
import { useAct } from '../../components/use-act.js';
import { licensesCsv, type LicenseFilters } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { b } from '../../texts/buying.js';

/** Saves what the filters leave as a file. */
export function ExportButton({ live, filters }: { live: Live; filters: LicenseFilters }) {
  const act = useAct(async () => {
    // A spreadsheet knows UTF-8 by its mark alone.
    saveFile(`licenses-${live.connection.account}.csv`, 'text/csv', `\uFEFF${await licensesCsv(live, filters)}`);
  });
  const failed = act.problem === undefined ? undefined : problemWords(act.problem);
  return (
    <>
      {failed !== undefined && (
        <span class="stop" role="alert">
          {failed.title}
        </span>
      )}
      <button type="button" class="button wide-only" aria-disabled={act.busy} onClick={act.run}>
        {b.value.export}
      </button>
    </>
  );
}
