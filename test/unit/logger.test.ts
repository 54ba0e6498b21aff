import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** In a process of its own: pino writes to the file descriptor, past everything that a test could put in the way. */
function logged(...objects: string[]): string[] {
  const code = `import { createLogger } from './dist/src/telemetry/logger.js';
    const logger = createLogger({ level: 'info' });
    for (const object of [${objects.join(',')}]) logger.info(object, 'planted');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  return output.trim().split('\n');
}

test('a secret that somebody logs by its name is blacked out, two objects deep (R5)', () => {
  const names = ['password', 'accessToken', 'refreshToken', 'authorization', 'cookie', 'sercretKey'];
  const lines = logged(
    ...names.flatMap((name) => [
      `{ ${name}: 'canary' }`,
      `{ a: { ${name}: 'canary' } }`,
      `{ a: { b: { ${name}: 'canary' } } }`,
    ]),
  );
  expect(lines).toHaveLength(18);
  expect(lines.filter((line) => line.includes('canary'))).toEqual([]);
});

test("an error is logged without what libraries keep on it, such as the request's headers (R5)", () => {
  const [line] = logged(
    `{ err: Object.assign(new Error('boom'), { config: { headers: { Authorization: 'canary' } } }) }`,
  );
  expect(line).toContain('boom');
  expect(line).not.toContain('canary');
});
