import { titlePattern } from './read-mutations.mjs';

/**
 * What a jest report says of one named test: `red` when it ran and failed by itself, `green`, or `no verdict` when
 * it was not found, its file could not be loaded, or a hook of the file failed instead.
 * @param results jest's --json report, with --testLocationInResults; undefined when there is none
 */
export function judge(results, { testFile, title: wanted }) {
  const pattern = new RegExp(`^${titlePattern(wanted)}$`);
  const suite = results?.testResults.find(({ name }) => name.endsWith(`/${testFile}`));
  if (!suite) return { verdict: 'no verdict', why: 'jest did not get that far' };
  const named = suite.assertionResults.filter(({ title }) => pattern.test(title));
  const ran = named.filter(({ status }) => status === 'passed' || status === 'failed');
  if (ran.length === 0) {
    const why = suite.message ? firstLine(suite.message) : 'no test of that title ran';
    return { verdict: 'no verdict', why };
  }
  const failed = ran.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return { verdict: 'green', why: '' };
  const own = failed.find((test) => failedItself(test, suite.assertionResults, testFile));
  const why = firstLine((own ?? failed[0]).failureMessages[0] ?? '');
  return own ? { verdict: 'red', why } : { verdict: 'no verdict', why: `a hook failed: ${why}` };
}

/** jest reports a failed beforeAll as a failure of every test: only the stack tells where it happened. */
function failedItself(test, all, testFile) {
  const from = test.location?.line ?? 0;
  const next = Math.min(...all.map(({ location }) => location?.line ?? 0).filter((line) => line > from));
  return test.failureMessages.some((message) =>
    [...message.matchAll(/([\w./-]+\.test\.ts):(\d+)/g)].some(
      ([, file, line]) => file.endsWith(testFile) && Number(line) >= from && Number(line) < next,
    ),
  );
}

const firstLine = (text) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: jest's colours
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('●'))
    ?.slice(0, 120) ?? '';
