import { Readable } from 'node:stream';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { runOperations } from '../../src/operations-job.js';
import { testParts } from '../parts.js';

/** `npm run ops -- …` as its process would be run; `code` is its exit code, `text` what it printed. */
export async function ops(args: string[], stdin: string | Iterable<string> = '') {
  const lines: string[] = [];
  const code = await runOperations(args, {
    environment: { ...serviceEnvironment(testParts()), IDENTITY_KEYCLOAK_TIMEOUT_MS: '20000' },
    stdin: Readable.from(typeof stdin === 'string' ? [stdin] : stdin),
    say: (line) => void lines.push(line),
  });
  return { code, text: lines.join('\n') };
}
