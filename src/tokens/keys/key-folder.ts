import { generateKeyPair } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../telemetry/logger.js';
import { type AccessKeyFile, isAccessKeyFile, readAccessKeyFile } from '../key-files.js';
import { createSigner, type Signer } from '../signer.js';
import { writeKeyFile } from '../write-key-file.js';

export type SigningAlgorithm = 'ES256' | 'RS256';

/** A key whose private part this process holds. */
export interface HeldKey extends Signer {
  alg: SigningAlgorithm;
  /** The file's name. */
  file: string;
  /** When the file was written. */
  since: Date;
}

export interface KeyFolder {
  /** What lies there now. A file that can't be used is told once, and passed over. */
  read(): Promise<readonly HeldKey[]>;
  /** Makes a key in a file of its own. @throws FolderReadOnly */
  make(): Promise<HeldKey>;
}

/** Keys come from outside, as in a mounted Kubernetes Secret. */
export class FolderReadOnly extends Error {}

/**
 * The mounted directory of the keys that sign access tokens. Looked at rather than listened to: what is mounted changes
 * by symlinks, of which `fs.watch` says nothing reliable.
 */
export function createKeyFolder(options: {
  dir: string;
  alg: SigningAlgorithm;
  logger: Pick<Logger, 'warn'>;
}): KeyFolder {
  const { dir, alg, logger } = options;
  let known = new Map<string, { version: string; key: HeldKey | undefined }>();

  async function readFile(name: string): Promise<HeldKey | undefined> {
    try {
      return await toHeldKey(readAccessKeyFile(dir, name));
    } catch (error) {
      logger.warn({ file: name, problem: (error as Error).message }, 'a key file is not usable');
      return undefined;
    }
  }

  return {
    async read() {
      const seen: typeof known = new Map();
      for (const name of (await readdir(dir)).filter(isAccessKeyFile).sort()) {
        const version = await versionOf(join(dir, name));
        const before = known.get(name);
        seen.set(name, before?.version === version ? before : { version, key: await readFile(name) });
      }
      known = seen;
      return [...seen.values()].flatMap(({ key }) => key ?? []);
    },
    async make() {
      await removePartials(dir).catch(refuseReadOnly);
      const { name, pem } = await makeKeyText(alg);
      try {
        writeKeyFile(dir, name, pem);
      } catch (error) {
        refuseReadOnly(error);
      }
      return toHeldKey(readAccessKeyFile(dir, name));
    },
  };
}

/** A new private key as a file's name and text, for a folder that is filled by other means. */
export async function makeKeyText(
  alg: SigningAlgorithm,
): Promise<{ kid: string; name: string; pem: string }> {
  const { privateKey } = await generate(alg);
  const { kid } = await createSigner(privateKey);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { kid, name: `access-token.${kid}.pem`, pem };
}

export async function toHeldKey({ name, privateKey, since }: AccessKeyFile): Promise<HeldKey> {
  const signer = await createSigner(privateKey);
  return { ...signer, alg: signer.alg as SigningAlgorithm, file: name, since };
}

/** Off the event loop: an RSA key takes a while. */
const generateKeys = promisify(generateKeyPair);
const generate = (alg: SigningAlgorithm) =>
  alg === 'ES256'
    ? generateKeys('ec', { namedCurve: 'P-256' })
    : generateKeys('rsa', { modulusLength: 2048 });

/** Follows symlinks; a Secret that was mounted anew has other inodes. */
async function versionOf(path: string): Promise<string> {
  const { ino, mtimeMs, size, mode } = await stat(path).catch(() => ({
    ino: 0,
    mtimeMs: 0,
    size: 0,
    mode: 0,
  }));
  return [ino, mtimeMs, size, mode].join(' ');
}

/** What a process that was killed in the middle left behind. */
async function removePartials(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (/^access-token\.[\w-]+\.pem\.\d+\.partial$/.test(name)) await rm(join(dir, name), { force: true });
  }
}

function refuseReadOnly(error: unknown): never {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (['EROFS', 'EACCES', 'EPERM'].includes(code)) throw new FolderReadOnly(code, { cause: error });
  throw error;
}
