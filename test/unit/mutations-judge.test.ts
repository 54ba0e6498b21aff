import { expect, test } from '@jest/globals';
import { judge } from '../mutations/judge.mjs';

const file = 'test/unit/a.test.ts';
const named = { testFile: file, title: 'the %s one' };
const ran = (title: string, line: number, failedAt?: number) => ({
  title,
  status: failedAt === undefined ? 'passed' : 'failed',
  failureMessages: failedAt === undefined ? [] : [`Error: boom\n    at /x/${file}:${failedAt}:5`],
  location: { line },
});
const report = (...assertionResults: ReturnType<typeof ran>[]) => ({
  testResults: [{ name: `/x/${file}`, message: '', assertionResults }],
});
const verdict = (...tests: ReturnType<typeof ran>[]) => judge(report(...tests), named).verdict;

test('a named test is red when it failed at a line of its own (style 10)', () => {
  expect(verdict(ran('the first one', 10, 12), ran('next', 20))).toBe('red');
  expect(verdict(ran('the first one', 10), ran('the second one', 10, 11), ran('next', 20))).toBe('red');
  expect(verdict(ran('the first one', 10), ran('next', 20, 21))).toBe('green');
});

test('a failed hook, a title that no test has, a file that was not loaded and a run cut short are not red (style 10)', () => {
  expect(verdict(ran('the first one', 10, 4), ran('next', 20, 4))).toBe('no verdict');
  expect(verdict(ran('another', 10, 12))).toBe('no verdict');
  expect(verdict({ ...ran('the first one', 10), status: 'pending' })).toBe('no verdict');
  const broken = { name: `/x/${file}`, message: '● Test suite failed to run\n\n  Unexpected token' };
  expect(judge({ testResults: [{ ...broken, assertionResults: [] }] }, named)).toEqual({
    verdict: 'no verdict',
    why: 'Unexpected token',
  });
  expect(judge(undefined, named).verdict).toBe('no verdict');
});
