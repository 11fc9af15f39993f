import type { LicenseParts } from '../license-handle.js';

/** How often a state that could not be read is looked for where no contact does it. Milliseconds. */
const AGAIN = 60_000;

/** Looks for a state that could not be read until it can be. Its timer holds no process. */
export function lookAgainInTime(parts: LicenseParts): void {
  setTimeout(() => void look(parts), AGAIN).unref();
}

async function look(parts: LicenseParts): Promise<void> {
  const { ownership, installation, onChange } = parts;
  if (ownership.isClosed) return;
  await ownership.take();
  await installation.readAgain().catch(() => undefined);
  if (installation.isUnread) lookAgainInTime(parts);
  else onChange();
}
