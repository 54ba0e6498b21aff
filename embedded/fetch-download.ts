import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Download } from './downloads.js';
import type { Progress } from './progress.js';
import { StartFailure } from './start-failure.js';

/** Puts the download's file into `folder`. `attempt` is 2 when what came the first time was not the pinned file. */
export type Fetch = (download: Download, folder: string, attempt: number) => Promise<void>;

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * The path of the pinned file, fetched if it isn't in the cache. A file with another checksum, kept or fetched,
 * is deleted and fetched once more; after that it is refused.
 */
export async function fetchDownload(
  download: Download,
  cacheDir: string,
  fetch: Fetch,
  progress: Progress,
): Promise<string> {
  const path = join(cacheDir, download.file);
  if (existsSync(path)) {
    if ((await sha256Of(path)) === download.sha256) return path;
    progress(`${download.file} in the cache is damaged, fetching it again`);
    rmSync(path);
  }
  let found = '';
  for (const attempt of [1, 2]) {
    const folder = join(cacheDir, `${download.file}.partial-${process.pid}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    try {
      await fetch(download, folder, attempt);
      found = await sha256Of(join(folder, download.file));
      if (found === download.sha256) {
        renameSync(join(folder, download.file), path);
        return path;
      }
      if (attempt === 1) progress(`${download.file} arrived with a wrong checksum, fetching it once more`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new StartFailure(
    `${download.artifact} is not the file that this version was made with, and was refused: SHA-256 ${found} instead of ${download.sha256} (embedded/downloads.ts).`,
  );
}
