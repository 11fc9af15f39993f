import { changeCommand } from '../serving/changes.js';
import { enrollmentKeyCreate } from './create.js';
import { enrollmentKeyRevoke } from './revoke.js';

/** What an admin changes about enrollment keys. */
export const enrollmentCommands = {
  enrollmentKeyCreate: changeCommand(enrollmentKeyCreate),
  enrollmentKeyRevoke: changeCommand(enrollmentKeyRevoke),
};
