// Counts every test for scripts/test.mjs and keeps the reason of each skip and each failure.
import { writeFileSync } from 'node:fs';

/** Why a test skipped: its note, or what its name says it needs: `reads another disk (needs root and mounts)`. */
const reasonOf = (test) => test.result().note ?? /\(([^()]+)\)(?=[^()]*$)/.exec(test.fullName)?.[1];

const nameOf = (test) => `${test.module.relativeModuleId} › ${test.fullName}`;

/** Writes `{passed, failed, skipped, failures, skips, evidence}` to the file named by LEASEHOLD_TEST_RESULT. */
// oxlint-disable-next-line import/no-default-export -- vitest loads a reporter by its default export
export default class CountingReporter {
  onTestRunEnd(modules, unhandled) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state) => tests.filter((test) => test.result().state === state);
    // A file that does not load has no test to fail, and neither has an error outside of every test.
    const outside = [
      ...modules.flatMap((module) => module.errors().map((error) => `${module.relativeModuleId}: ${error.message}`)),
      ...modules.flatMap((module) =>
        [...module.children.allSuites()].flatMap((suite) =>
          suite.errors().map((error) => `${suite.fullName}: ${error.message}`),
        ),
      ),
      ...unhandled.map((error) => `outside of any test: ${error.message}`),
    ];
    const failures = [...inState('failed').map(nameOf), ...outside];
    const result = {
      passed: inState('passed').length,
      failed: failures.length,
      skipped: inState('skipped').length,
      failures,
      skips: inState('skipped').map((test) => ({ test: nameOf(test), reason: reasonOf(test) })),
      evidence: tests.flatMap((test) =>
        test.meta().evidence ? [{ test: nameOf(test), ...test.meta().evidence }] : [],
      ),
    };
    writeFileSync(process.env.LEASEHOLD_TEST_RESULT, JSON.stringify(result));
  }
}
