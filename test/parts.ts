import { readFileSync } from 'node:fs';
import type { PartsDescription } from '../embedded/parts.js';

let known: PartsDescription | undefined;

/** The real PostgreSQL, Redis and Keycloak that `npm test` has started: migrated, seeded, nothing else running. */
export function testParts(): PartsDescription {
  if (known) return known;
  const file = process.env.NX_TEST_PARTS;
  if (!file) throw new Error('NX_TEST_PARTS is not set: run tests by `npm test`, which starts the parts');
  known = JSON.parse(readFileSync(file, 'utf8')) as PartsDescription;
  return known;
}
