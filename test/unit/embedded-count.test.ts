import { expect, test } from '@jest/globals';
import { countTests, type JestResults } from '../../embedded/count-tests.js';

const results = (more: Partial<JestResults>): JestResults => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...more,
});

test('tests are counted, and what was skipped only if there is any', () => {
  expect(countTests(results({}))).toEqual({ line: '3 passed, 0 failed', ok: true });
  expect(countTests(results({ numPendingTests: 1, numTodoTests: 1 })).line).toBe(
    '3 passed, 0 failed, 2 skipped',
  );
});

test('a file that could not be run counts as a failed test', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }];
  expect(countTests(results({ testResults }))).toEqual({ line: '3 passed, 1 failed', ok: false });
});

test('a file with a failed test in it is not counted twice', () => {
  const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
  expect(countTests(results({ numFailedTests: 1, testResults })).line).toBe('3 passed, 1 failed');
});

test('a run in which nothing passed, or that left no report, is no success', () => {
  expect(countTests(results({ numPassedTests: 0 }))).toEqual({ line: '0 passed, 0 failed', ok: false });
  expect(countTests(undefined)).toEqual({ line: '0 passed, 1 failed', ok: false });
});
