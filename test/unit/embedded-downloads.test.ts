import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Fetch, fetchDownload, sha256Of } from '../../embedded/fetch-download.js';

const quiet = () => {};

async function setUp() {
  const cache = mkdtempSync(join(tmpdir(), 'nx-downloads-'));
  const good = join(cache, 'original');
  writeFileSync(good, 'the pinned content');
  const download = { artifact: 'a:b:1', file: 'b-1.jar', sha256: await sha256Of(good) };
  return { cache, download, path: join(cache, download.file) };
}

const serve =
  (contents: string[], attempts: number[]): Fetch =>
  async (download, folder, attempt) => {
    attempts.push(attempt);
    writeFileSync(join(folder, download.file), contents[attempt - 1] ?? '');
  };

test('a file that arrives with a wrong checksum is fetched once more', async () => {
  const { cache, download, path } = await setUp();
  const attempts: number[] = [];
  const fetch = serve(['damaged', 'the pinned content'], attempts);
  expect(await fetchDownload(download, cache, fetch, quiet)).toBe(path);
  expect(attempts).toEqual([1, 2]);
  expect(readFileSync(path, 'utf8')).toBe('the pinned content');
});

test('a file that is wrong twice is refused by name, and nothing of it is kept', async () => {
  const { cache, download, path } = await setUp();
  const attempts: number[] = [];
  await expect(
    fetchDownload(download, cache, serve(['other', 'other'], attempts), quiet),
  ).rejects.toMatchObject({
    name: 'StartFailure',
    message: expect.stringContaining('a:b:1 is not the file'),
  });
  expect(attempts).toEqual([1, 2]);
  expect(existsSync(path)).toBe(false);
});

test('a cached file is used without fetching, unless it was damaged', async () => {
  const { cache, download, path } = await setUp();
  const attempts: number[] = [];
  const fetch = serve(['the pinned content'], attempts);
  writeFileSync(path, 'the pinned content');
  await fetchDownload(download, cache, fetch, quiet);
  expect(attempts).toEqual([]);
  writeFileSync(path, 'bit rot');
  await fetchDownload(download, cache, fetch, quiet);
  expect(attempts).toEqual([1]);
  expect(readFileSync(path, 'utf8')).toBe('the pinned content');
});
