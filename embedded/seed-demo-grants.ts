import type pg from 'pg';
import { DEMO_CUSTOMER_GRANTS } from './demo-data.js';

/** What the demo's roles may do with customers; what is there already stays as it is. */
export async function seedDemoGrants(client: pg.Client): Promise<void> {
  for (const { role, actions, domain } of DEMO_CUSTOMER_GRANTS) {
    for (const action of actions) {
      const permission = `customer.${action}`;
      await client.query(
        `INSERT INTO identity."Permission" (id, code, name, subject, action) VALUES ($1, $1, $1, 'customer', $2)
         ON CONFLICT DO NOTHING`,
        [permission, action],
      );
      await client.query(
        `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id,
           action, effect, domain, domain_type, domain_id, origin)
         SELECT $1, 'grant', 'Role', role.id, 'Permission', permission.id, $3, 'allow', $5, $6, $7, 'seed'
         FROM identity."Role" AS role, identity."Permission" AS permission
         WHERE role.identifier = $2 AND permission.code = $4 ON CONFLICT DO NOTHING`,
        [
          `demo-grant-${role}-${permission}`,
          role,
          action,
          permission,
          domain && `${domain.type}_${domain.id}`,
          domain?.type,
          domain?.id,
        ],
      );
    }
  }
}
