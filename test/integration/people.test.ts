import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { createAudit, createSubjectKeys } from '../../src/audit/index.js';
import { createDatabase } from '../../src/database/database.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import { createEnsurePerson } from '../../src/people/index.js';
import { createAssignDefaultRole } from '../../src/policies/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { sql } from '../support/database.js';

const database = createDatabase({
  url: testParts().postgres.appUrl,
  poolSize: 2,
  logger: createLogger({ level: 'silent' }),
});
const master = createSealedText(randomBytes(32));
const audit = createAudit(createSubjectKeys({ master, monotonicNow: () => 0 }));
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
  const assignDefaultRole = createAssignDefaultRole({ nextId: randomUUID, audit });
  const people = createEnsurePerson({
    database,
    audit,
    nextId: () => userId,
    onFirstArrival: async (statements, id, from) => {
      await assignDefaultRole(statements, id, from);
      throw new Error('half-way');
    },
  });
  const visitor = { address: '192.0.2.1', agent: 'test', requestId: randomUUID() };
  await expect(people.arrive(keycloakId, profile, visitor)).rejects.toThrow('half-way');
  expect(await sql('SELECT FROM identity."User" WHERE keycloak_id = $1', [keycloakId])).toEqual([]);
  expect(await sql('SELECT FROM public."PolicyDefinition" WHERE subject_id = $1', [userId])).toEqual([]);
  expect(await sql('SELECT FROM identity."AuditEvent" WHERE subject_id = $1', [userId])).toEqual([]);
});
