// Runs before anything else is loaded, so it uses only what very old Node versions understand.

/** Oldest Node that everything we ship runs on (the HTTP client's floor). */
export const NEEDED = '20.18.1';

/** Compares dotted versions by number: `20.9.0` is older than `20.18.1`. */
export function isOlder(version, needed) {
  const [have, want] = [version, needed].map((text) => text.replace(/^v/, '').split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    if ((have[i] || 0) !== (want[i] || 0)) return (have[i] || 0) < (want[i] || 0);
  }
  return false;
}

/** The problem with this Node in words, or undefined when it is new enough. */
export function nodeProblem(version) {
  if (!isOlder(version, NEEDED)) return undefined;
  return [
    `NODE_TOO_OLD: this is Node ${version.replace(/^v/, '')}; Leasehold needs ${NEEDED} or newer.`,
    'Get it from https://nodejs.org, or with a version manager: `nvm install 22` or `fnm install 22`.',
    'Nothing was changed.',
  ].join('\n');
}

const problem = nodeProblem(process.version);
if (problem) {
  console.error(problem);
  process.exit(1);
}
