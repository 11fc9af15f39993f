// One line for each finding, and the number of files looked at, which scripts/check.mjs asks for.

// oxlint-disable-next-line import/no-default-export -- knip loads a reporter by its default export
export default function report({ report: kinds, issues, counters, configurationHints, write }) {
  for (const kind of Object.keys(kinds).filter((name) => kinds[name])) {
    const found = Object.values(issues[kind] ?? {}).flatMap((byName) => Object.values(byName));
    for (const { filePath, symbol } of found)
      write(kind === 'files' ? `${symbol}: unused file` : `${filePath}: ${kind}: ${symbol}`);
  }
  for (const hint of configurationHints) write(`knip.json: ${hint.type}: ${String(hint.identifier)}`);
  write(`looked at ${counters.processed} files`);
}
