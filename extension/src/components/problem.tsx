import type { ProblemCode } from '@leasehold/protocol';
import { TrustBroken } from '../connection/keyset.js';
import type { Live } from '../model/live.js';
import type { Resource } from '../model/resource.js';
import type { Said } from '../feed/feed-status.js';
import { s } from '../texts/shell.js';
import { Icon } from './icon.js';
import { refusalIn } from './reason.js';
import type { Failure } from './use-act.js';

export interface ProblemWords {
  readonly title: string;
  readonly next: string;
}

const SPECIFIC: ReadonlySet<string> = new Set(['INPUT_INVALID', 'CONFLICT', 'NOT_FOUND']);

/** What codes mean at one place, where that is nearer than what they mean everywhere. */
export type Causes = Partial<Record<ProblemCode, readonly [title: string, next: string]>>;

/** A failure in the reader's language: what failed, and what now. A refusal by rule says the rule's own sentence. */
export function problemWords(problem: Failure | Said, causes: Causes = {}): ProblemWords {
  if (problem instanceof TrustBroken) {
    const { title, body } = s.value.stop[problem.code];
    return { title, next: `${body} ${s.value.stopPage.steps[1] ?? ''}` };
  }
  const refusal = refusalIn(problem);
  if (refusal !== undefined) return refusal;
  const here = causes[problem.code];
  if (here !== undefined) return { title: here[0], next: here[1] };
  const known = s.value.problem[problem.code];
  const own = 'details' in problem ? `${problem.message} ${problem.details.remedy ?? ''}`.trim() : problem.message;
  if (known === undefined) return { title: own, next: '' };
  // Of these the authority alone knows what it was.
  return { title: known[0], next: SPECIFIC.has(problem.code) ? own : known[1] };
}

/** Stands at the place that failed. */
export function ProblemNote(props: { problem: Failure | Said | undefined; causes?: Causes; again?: () => void }) {
  if (props.problem === undefined) return null;
  const { title, next } = problemWords(props.problem, props.causes);
  return (
    <div class="note stop-note" role="alert">
      <Icon name="stop" class="stop" />
      <div>
        <p class="strong">{title}</p>
        <p class="soft">{next}</p>
        <p class="quiet">{s.value.failed.code(props.problem.code)}</p>
      </div>
      {props.again !== undefined && (
        <button type="button" class="button small" onClick={props.again}>
          {s.value.failed.again}
        </button>
      )}
    </div>
  );
}

/** A load that failed. While the feed is offline the page's banner has said so already, and known data stays. */
export function LoadProblem({ live, resources }: { live: Live; resources: readonly Resource<unknown>[] }) {
  const failed = resources.find(({ problem }) => problem.value !== undefined);
  if (failed === undefined) return null;
  const isSaid = live.status.value.phase === 'offline' && failed.data.value !== undefined;
  if (isSaid) return null;
  return <ProblemNote problem={failed.problem.value} again={() => resources.forEach((each) => void each.load())} />;
}
