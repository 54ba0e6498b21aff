import { z } from 'zod';
import { DONE, defineOperation, NOT_DONE } from '../operation.js';

/** As docker/keycloak/Dockerfile and `npm start` set it. */
const KEYCLOAKS_ITERATIONS = 3;

export const importUsersCommand = defineOperation({
  usage: `ops import-users <file|-> [--keycloak-iterations <number>]
    moves people over with their argon2id or bcrypt hashes, one JSON object a line (- : stdin):
    {"email","emailVerified","phone","phoneVerified","username","displayName","passwordHash"}
    prints a line of JSON for each; run again, it goes on where it was (docs/import-users.md)
    --keycloak-iterations   argon2 passes that Keycloak is started with, unless 3: no hash may become weaker`,
  schema: z.object({
    file: z.string().min(1),
    'keycloak-iterations': z.coerce.number().int().min(1).max(100).default(KEYCLOAKS_ITERATIONS),
  }),
  positionals: ['file'],
  async run({ importUsers, readLines, hashMemoryKib: memoryKib, say }, given) {
    const { file, 'keycloak-iterations': iterations } = given;
    const lines = await readLines(file);
    if (!lines) {
      say(`Not done: ${file} can't be read.`);
      return NOT_DONE;
    }
    const totals = await importUsers(lines, { memoryKib, iterations }, (report) =>
      say(JSON.stringify(report)),
    );
    const { imported, already, refused } = totals;
    say(`Imported ${imported}, imported before ${already}, refused ${refused}.`);
    return refused > 0 ? NOT_DONE : DONE;
  },
});
