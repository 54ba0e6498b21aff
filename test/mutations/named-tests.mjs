import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { judge } from './judge.mjs';
import { titlePattern } from './read-mutations.mjs';

/**
 * Runs the tests that mutations name, and no others, each time in one run of jest.
 * @param load imports a compiled module of the scratch tree
 * @param file the parts' description, for test/parts.ts
 */
export async function createNamedTests({ load, parts, file, supervisor }) {
  const { runJest } = await load('embedded/run-jest.js');
  const resultFile = join(parts.dataDir, 'mutation-results.json');
  const quiet = {
    ...supervisor,
    startUnwatched: (spec) => supervisor.startUnwatched({ ...spec, echo: false }),
  };

  async function run(mutations) {
    // What the limits have counted of an earlier run would be a reason to fail.
    const redis = new Redis(parts.redis.url);
    await redis.flushall().finally(() => redis.disconnect());
    rmSync(resultFile, { force: true });
    const files = new Set(mutations.map(({ testFile }) => testFile));
    const titles = new Set(mutations.map(({ title }) => `(${titlePattern(title)})`));
    const args = [
      '--testLocationInResults',
      '-t',
      `(${[...titles].join('|')})$`,
      '--runTestsByPath',
      ...files,
    ];
    await Promise.race([runJest({ supervisor: quiet, file, resultFile, args }), supervisor.crashed]);
    try {
      return JSON.parse(readFileSync(resultFile, 'utf8'));
    } catch {
      return undefined; // jest did not get that far
    }
  }

  return {
    /** `{ verdict, why }` of the one test that a mutation names. */
    verdictOf: async (mutation) => judge(await run([mutation]), mutation),
    /** Those of the named tests that are not green, in words. */
    async notGreen(mutations) {
      const results = await run(mutations);
      return mutations
        .map((mutation) => ({ ...mutation, ...judge(results, mutation) }))
        .filter(({ verdict }) => verdict !== 'green')
        .map(({ testFile, title, verdict, why }) => `${testFile} :: ${title}: ${verdict} (${why})`);
    },
  };
}
