import type { Machine } from '../model.js';
import type { Question } from '../question.js';

/** What of a machine is backed up. Left out it is the whole system: the reading that asks for the most. */
export function scopeOf(question: Question): string {
  return (question.request['scope'] as string | undefined) ?? 'system_image';
}

/** The machine that a field of the request names. */
export function machineOf(question: Question, field: string = 'machine'): Machine {
  return question.ledger.get('machines', question.text(field), field);
}

/** Is the machine that goes away declared gone? Nothing said is undeclared. */
export function dispositionOf(question: Question): 'disposed' | 'parallel' | 'undeclared' {
  const said = question.request['sourceDisposition'];
  if (said === 'disposed' || said === 'dead') return 'disposed';
  return said === 'parallel' ? 'parallel' : 'undeclared';
}
