import { isAllowed } from '@leasehold/terms';
import type { Decision, Request } from '@leasehold/terms';
import { answerOf } from './answer.js';
import type { Answer } from './answer.js';
import type { Moment } from './facts.js';
import type { Installation } from '../machine/installation.js';
import { judge } from './judge.js';
import { notActivated, statusProblem } from '../problem-log.js';
import type { ProblemLog, StatusProblem } from '../problem-log.js';
import type { Refusals } from './refusals.js';

export interface AuthorizeParts {
  readonly installation: Installation;
  readonly problems: ProblemLog;
  readonly refusals: Refusals;
  /** Something was refused: the authority may know better by now. */
  readonly onRefused: () => void;
}

const NO_QUESTION: Request = { action: '' };

/** Answers from memory. Nothing in here waits, throws, reads a file or opens a connection. */
export class Authorizer {
  readonly #parts: AuthorizeParts;

  constructor(parts: AuthorizeParts) {
    this.#parts = parts;
  }

  authorize(request: Request): Answer {
    const { installation } = this.#parts;
    const moment = installation.moment();
    const answered = (asked: Request): Answer =>
      this.answer(judge(installation.standing, asked, moment), asked, moment);
    try {
      return answered(typeof request === 'object' && request !== null ? request : NO_QUESTION);
    } catch {
      // What cannot even be read: a getter that throws, a symbol in the place of a text.
      return answered(NO_QUESTION);
    }
  }

  /** Gives a decision its words, and notes a refusal for the console. */
  answer(decision: Decision, request: Request, moment: Moment): Answer {
    const { installation, refusals, onRefused } = this.#parts;
    const { rights } = installation.standing;
    const warnDays = rights?.facts.policy?.warnDays ?? rights?.rulebook.catalog.policy.warnDays ?? [];
    const notify = installation.notices.isNews(decision, request, warnDays);
    if (!isAllowed(decision)) {
      refusals.add(request.action, decision, moment.now);
      onRefused();
    }
    return answerOf(decision, notify, this.#because(decision));
  }

  /** The problem behind an answer that no rule of the profile made. */
  #because({ code, reason_rule: rule, value, warnings, until }: Decision): StatusProblem | undefined {
    const { problems, installation } = this.#parts;
    const since = '';
    if (rule === 'D-11') return notJudged(code, value);
    if (rule === 'D-13') {
      const message = `The licensing has a defect (${String(value?.['defect'])}); it stops no backup inside the lease.`;
      return { code: 'INTERNAL', message, remedy: 'Send the diagnostics to the vendor’s support.', since };
    }
    const [warning] = warnings ?? [];
    if (warning === 'MACHINE_CHANGED') return problems.list().find((one) => one.code === 'MACHINE_CHANGED');
    if (warning === 'FIRST_RUN') return firstRun(until);
    if (code === 'NOT_ACTIVATED') return statusProblem(notActivated(), installation.moment().now);
    return rule === 'D-5' || rule === 'D-9' ? problems.list().find((one) => one.code === code) : undefined;
  }
}

/** Whose call it is, his field is named as he wrote it. */
function notJudged(code: string | undefined, value: Decision['value']): StatusProblem {
  const field = String(value?.['path']).replace(/^when\./, '');
  const [what, remedy] =
    code === 'UNKNOWN_ID'
      ? [
          'names nothing that is known here',
          'Ask for self, or report that machine in an inventory: it may be new, or gone.',
        ]
      : [String(value?.['message']), 'Correct that field in the call.'];
  const message = `The question is not one that can be judged: ${field}: ${what}.`;
  return { code: 'INPUT_INVALID', message, remedy, since: '' };
}

function firstRun(until: string | undefined): StatusProblem {
  const message = `This installation holds no license yet; backups go on for its first days, until ${until}.`;
  return { code: 'NOT_ACTIVATED', message, remedy: 'Activate it with its license key before then.', since: '' };
}
