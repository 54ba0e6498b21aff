/** A sister service; it calls nobody per request. `IDENTITY_URL=https://id.example.com node sister.mjs` */
import { createPermissions, createVerifier } from '@nx-identity/verifier';
import {
  answerRefusals,
  authenticate,
  requireMerchant,
  requirePermission,
  requireRole,
} from '@nx-identity/verifier/express';
import express from 'express';

const url = process.env.IDENTITY_URL;
const base = `${url}/v1/api/identity`;
const service = process.env.SERVICE_SECRET && {
  tokenEndpoint: `${base}/auth/token`,
  name: process.env.SERVICE_NAME,
  secret: process.env.SERVICE_SECRET,
};
const onWarning = (what, error) => console.error(what, error.message);
const verifier = createVerifier({
  jwksUri: `${url}/jw-certs`,
  issuer: process.env.IDENTITY_ISSUER ?? url,
  audience: 'nx',
  ...(process.env.IDENTITY_STATUS_LISTS && { statusList: { base: process.env.IDENTITY_STATUS_LISTS } }),
  ...(service && { service }),
  onWarning,
});

const app = express();
/** With `nx-identity` installed, as a login that is a member of `nx_sister`: customers too, as the token's bearer may see them. */
async function openDatabase() {
  const { openIdentityDatabase } = await import('nx-identity/sister');
  const database = openIdentityDatabase({ url: process.env.IDENTITY_DATABASE_URL, onWarning });
  app.get('/read/shops/:id/found', authenticate(verifier), async (request, response) => {
    const query = { merchantId: request.params.id, q: request.query.q };
    const found = await database.customers.search(request.identity, query);
    response.status(found ? 200 : 404).json(found?.customers ?? {});
  });
  return database;
}

app.get('/me', authenticate(verifier), (request, response) => response.json(request.identity));
app.get('/admin', authenticate(verifier), requireRole(900), (_request, response) =>
  response.json({ admin: true }),
);
app.get('/shops/:id', authenticate(verifier), requireMerchant('id'), (request, response) =>
  response.json({ shop: request.params.id }),
);
// What the token's bearer may do now, not when the token was made: asked of the issuer, or read from the database it shares.
const sources = {
  ...(service && { asked: createPermissions({ base, service, onWarning }) }),
  ...(process.env.IDENTITY_DATABASE_URL && { read: (await openDatabase()).policies }),
};
for (const [way, permissions] of Object.entries(sources)) {
  const may = (object, action) => requirePermission(object, action, { permissions, domain: 'id' });
  app.get(
    `/${way}/shops/:id/customers`,
    authenticate(verifier),
    may('customer', 'read'),
    (_request, response) => response.json({ may: 'read' }),
  );
  app.post(
    `/${way}/shops/:id/refunds`,
    authenticate(verifier),
    may('refund', 'create'),
    (_request, response) => response.json({ may: 'refund' }),
  );
}
app.use(answerRefusals());
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  console.log(server.address().port),
);
