/** `npm run compose:secrets [directory]`: the files that docker-compose.yml mounts; Node is all that it needs. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv[2] ?? process.env.NX_SECRETS_DIR;
const dir = resolve(root, given ?? join('.data', 'compose'));

await bootstrap({ parts: false });
const { containersUser, makeComposeSecrets, tellCompose } = await import(
  '../dist/embedded/make-compose-secrets.js'
);
const user = containersUser();
await makeComposeSecrets(dir, user);
tellCompose(join(root, '.env'), user);
process.stdout.write(`The secrets are in ${dir}; containers run as ${user.uid}:${user.gid}.\n`);
if (given) process.stdout.write(`Tell compose where they are: NX_SECRETS_DIR=${dir}\n`);
process.stdout.write('Next: docker compose up -d --build --wait\n');
