/** The part of jest's --json report that counts. */
export interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: readonly { status: string; assertionResults: readonly { status: string }[] }[];
}

/**
 * The last line of `npm test`. A file that could not be run, or that failed outside of its tests, counts as one
 * failed test; a run in which nothing passed is no success; no report at all is one failure.
 */
export function countTests(results: JestResults | undefined): { line: string; ok: boolean } {
  if (!results) return { line: '0 passed, 1 failed', ok: false };
  const silent = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const failed = results.numFailedTests + silent;
  const skipped = results.numPendingTests + results.numTodoTests;
  const line = `${results.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
  return { line, ok: failed === 0 && results.numPassedTests > 0 };
}
