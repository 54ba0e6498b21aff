/** Native ESM: run with NODE_OPTIONS=--experimental-vm-modules (test/run.mjs sets it). */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Scratch copies of this checkout (npm run mutate) have a package.json of the same name.
  modulePathIgnorePatterns: ['<rootDir>/.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Its ES module imports JSON in a way that Jest warns about at every import.
    '^libphonenumber-js$': '<rootDir>/node_modules/libphonenumber-js/index.cjs',
  },
  testTimeout: 60_000,
  maxWorkers: 1,
};
