import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { createDatabase } from '../../src/database/database.js';
import { createEnsurePerson } from '../../src/people/index.js';
import { assignDefaultRole } from '../../src/policies/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { sql } from '../support/database.js';

const database = createDatabase({
  url: testParts().postgres.appUrl,
  poolSize: 2,
  logger: createLogger({ level: 'silent' }),
});
afterAll(() => database.close());

test('a first arrival that fails half-way leaves neither a person without a role nor a role without a person (S4)', async () => {
  const [keycloakId, userId] = [randomUUID(), randomUUID()];
  const profile = {
    username: keycloakId,
    displayName: 'Test',
    email: null,
    emailVerified: false,
    phone: null,
    phoneVerified: false,
  };
  const people = createEnsurePerson({
    database,
    nextId: () => userId,
    onFirstArrival: async (statements, id) => {
      await assignDefaultRole(statements, id, randomUUID());
      throw new Error('half-way');
    },
  });
  await expect(people.arrive(keycloakId, profile)).rejects.toThrow('half-way');
  expect(await sql('SELECT FROM identity."User" WHERE keycloak_id = $1', [keycloakId])).toEqual([]);
  expect(await sql('SELECT FROM public."PolicyDefinition" WHERE subject_id = $1', [userId])).toEqual([]);
});
