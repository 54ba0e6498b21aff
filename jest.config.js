/** Native ESM: run with NODE_OPTIONS=--experimental-vm-modules (test/run.mjs sets it). */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Scratch copies of this checkout (npm run mutate) have a package.json of the same name.
  modulePathIgnorePatterns: ['<rootDir>/.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    // `metadata.json.js` in a package is a module beside `metadata.json`, not a source of ours.
    '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1',
  },
  testTimeout: 60_000,
  maxWorkers: 1,
  // Modules of a test file stay in its process: without a new one now and then a whole run gets slower and slower.
  workerIdleMemoryLimit: '1GB',
};
