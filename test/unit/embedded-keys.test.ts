import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keysEnvironment } from '../../embedded/keys-environment.js';
import { loadSecrets } from '../../embedded/secrets-file.js';

let dataDir: string;
const before = process.env.NX_DATA_DIR;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'data-'));
  process.env.NX_DATA_DIR = dataDir;
});
afterEach(() => {
  if (before === undefined) delete process.env.NX_DATA_DIR;
  else process.env.NX_DATA_DIR = before;
  rmSync(dataDir, { recursive: true });
});

test('`npm run keys` finds the database and the keys of `npm start`, as the service itself logs in (T5)', () => {
  const { appPassword } = loadSecrets(dataDir);
  expect(keysEnvironment({ NX_POSTGRES_PORT: '5999' })).toEqual({
    DATABASE_URL: `postgresql://nx_identity_app:${appPassword}@127.0.0.1:5999/nx_identity`,
    IDENTITY_KEYS_DIR: join(dataDir, 'keys'),
  });
});

test('`npm run keys` takes what the environment names, and makes no data where nothing was started (T5)', () => {
  expect(keysEnvironment({})).toEqual({});
  loadSecrets(dataDir);
  expect(keysEnvironment({ DATABASE_URL: 'postgres://elsewhere/nx' })).toEqual({});
});
