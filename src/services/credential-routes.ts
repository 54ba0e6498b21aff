import { z } from 'zod';
import type { Sql } from '../database/database.js';
import { defineRoute, type Route } from '../http/route.js';
import { type AdmitWriter, access, SERVICES, tag } from './administration-routes.js';
import { registrationErrors } from './errors.js';
import { credentialDraftSchema, credentialSchema, newCredentialSchema, serviceId } from './service-schema.js';
import { listCredentials, type WriteCredential } from './write-credential.js';

const all = `${SERVICES}/{id}/credentials`;
const params = z.object({ id: serviceId });

/** What a service proves itself by: two secrets at most, so that one can be turned while the other is in use. */
export function credentialRoutes(options: {
  sql: Sql;
  write: WriteCredential;
  admitWriter: AdmitWriter;
}): Route[] {
  const { sql, write, admitWriter } = options;
  return [
    defineRoute({
      method: 'get',
      path: all,
      summary: 'The credentials of a service, never their secrets; the last fifty',
      tag,
      access,
      params,
      responses: { 200: { description: 'Those in use first', schema: z.array(credentialSchema) } },
      handle: async ({ params: { id } }) => ({ status: 200, body: await listCredentials(sql, id) }),
    }),
    defineRoute({
      method: 'post',
      path: all,
      summary: 'A new secret, in the service’s free slot; this answer alone shows it',
      description:
        'To turn a secret: add the second, move the service, revoke the first. What has expired gives its slot up.',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params,
      body: credentialDraftSchema,
      responses: { 201: { description: 'Made', schema: newCredentialSchema } },
      problems: [registrationErrors.slots_taken],
      handle: async ({ params: { id }, body, visitor }, { userId }) => ({
        status: 201,
        body: await write.add(id, body, { userId, visitor }),
      }),
    }),
    defineRoute({
      method: 'delete',
      path: `${all}/{credentialId}`,
      summary: 'Revoke a credential for good',
      description:
        'It proves nothing any more after ten seconds at most; the system tokens that were had by it end, at sisters by the status list.',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params: params.extend({ credentialId: serviceId }),
      responses: { 204: { description: 'Revoked' } },
      async handle({ params: { id, credentialId }, visitor }, { userId }) {
        await write.revoke(id, credentialId, { userId, visitor });
        return { status: 204 };
      },
    }),
  ];
}
