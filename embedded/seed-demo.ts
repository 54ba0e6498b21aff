import pg from 'pg';
import {
  DEMO_ASSIGNMENTS,
  DEMO_CLIENT,
  DEMO_MEMBERS,
  DEMO_MERCHANTS,
  DEMO_ORGANIZER,
  DEMO_PEOPLE,
  DEMO_ROLE,
  DEMO_ROLE_ACTIONS,
} from './demo-data.js';
import type { PartsDescription } from './parts.js';
import { seedDemoGrants } from './seed-demo-grants.js';
import { seedDemoService } from './seed-demo-service.js';
import { seedKeycloakPeople } from './seed-keycloak-people.js';

/** Makes the demo people in Keycloak and what they are on the platform; what is there already stays as it is. */
export async function seedDemo(
  parts: Pick<PartsDescription, 'postgres' | 'keycloak' | 'service'>,
): Promise<void> {
  const keycloakIds = await seedKeycloakPeople(parts.keycloak, DEMO_PEOPLE);
  const client = new pg.Client({ connectionString: parts.postgres.ownerUrl, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    // Row-level security binds the owner too (D12).
    await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [DEMO_ORGANIZER.tenantId]);
    await seedPeople(client, keycloakIds);
    await seedClient(client, `${parts.service.url}${DEMO_CLIENT.path}`);
    await seedOrganizer(client);
    await seedPolicies(client);
    await seedDemoGrants(client);
    await seedDemoService(client);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

async function seedPeople(client: pg.Client, keycloakIds: Map<string, string>): Promise<void> {
  for (const { id, email, firstName, lastName, ...person } of DEMO_PEOPLE) {
    const phone = 'phone' in person ? person.phone : null;
    await client.query(
      `INSERT INTO identity."User"
         (id, keycloak_id, username, display_name, email, email_verified, phone, phone_verified)
       VALUES ($1, $2, $3, $4, $3, true, $5, $6)
       ON CONFLICT (id) DO UPDATE SET keycloak_id = excluded.keycloak_id`,
      [id, keycloakIds.get(email), email, `${firstName} ${lastName}`, phone, phone !== null],
    );
    await client.query(
      `INSERT INTO identity."Identifier" (scheme, value, user_id)
       SELECT scheme, value, $1 FROM (VALUES ('email', $2), ('phone', $3)) AS proven (scheme, value)
       WHERE value IS NOT NULL ON CONFLICT DO NOTHING`,
      [id, email, phone],
    );
  }
}

/** The redirect URI follows the service's port, which may be another one at the next start. */
async function seedClient(client: pg.Client, redirectUri: string): Promise<void> {
  await client.query(
    `INSERT INTO identity."Client" (id, name, redirect_uris) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET redirect_uris = excluded.redirect_uris`,
    [DEMO_CLIENT.id, DEMO_CLIENT.name, [redirectUri]],
  );
}

async function seedOrganizer(client: pg.Client): Promise<void> {
  const { id, tenantId, name } = DEMO_ORGANIZER;
  await client.query(
    'INSERT INTO identity."Organizer" (id, tenant_id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [id, tenantId, name],
  );
  for (const merchant of DEMO_MERCHANTS) {
    await client.query(
      `INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [merchant.id, tenantId, id, merchant.name],
    );
  }
  for (const member of DEMO_MEMBERS) {
    await client.query(
      `INSERT INTO identity."Member" (id, tenant_id, organizer_id, user_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [member.id, tenantId, id, member.userId],
    );
  }
}

async function seedPolicies(client: pg.Client): Promise<void> {
  await client.query(
    'INSERT INTO identity."Role" (id, identifier, name, priority) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [DEMO_ROLE.id, DEMO_ROLE.identifier, DEMO_ROLE.name, DEMO_ROLE.priority],
  );
  for (const [index, { userId, role, domain }] of DEMO_ASSIGNMENTS.entries()) {
    await client.query(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id,
         domain, domain_type, domain_id, origin)
       SELECT $1, 'assign_role', 'User', $2, 'Role', role.id, $4, $5, $6, 'seed'
       FROM identity."Role" AS role WHERE role.identifier = $3 ON CONFLICT DO NOTHING`,
      [`demo-role-${index}`, userId, role, domain && `${domain.type}_${domain.id}`, domain?.type, domain?.id],
    );
  }
  for (const action of DEMO_ROLE_ACTIONS) {
    await client.query(
      `INSERT INTO public."PolicyDefinition"
         (id, variant, subject_type, subject_id, target_type, target_id, action, effect, origin)
       SELECT $1, 'grant', 'Role', $2, 'Permission', permission.id, $3, 'allow', 'seed'
       FROM identity."Permission" AS permission WHERE permission.code = 'customer' ON CONFLICT DO NOTHING`,
      [`demo-cashier-${action}`, DEMO_ROLE.id, action],
    );
  }
  const joins = DEMO_MEMBERS.map(({ id, userId }) => [`demo-join-${id}`, 'join_domain', 'User', userId]);
  const parents = DEMO_MERCHANTS.map(({ id }) => [`demo-parent-${id}`, 'domain_inherits', 'Merchant', id]);
  for (const [id, variant, subjectType, subjectId] of [...joins, ...parents]) {
    await client.query(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, origin)
       VALUES ($1, $2, $3, $4, 'Organizer', $5, 'seed') ON CONFLICT DO NOTHING`,
      [id, variant, subjectType, subjectId, DEMO_ORGANIZER.id],
    );
  }
}
