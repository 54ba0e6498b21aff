interface Assertion {
  title: string;
  status: string;
  failureMessages: string[];
  location: { line: number } | null;
}
export interface JestReport {
  testResults: { name: string; message: string; assertionResults: Assertion[] }[];
}
export function judge(
  results: JestReport | undefined,
  named: { testFile: string; title: string },
): { verdict: 'red' | 'green' | 'no verdict'; why: string };
