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
app.get('/me', authenticate(verifier), (request, response) => response.json(request.identity));
app.get('/admin', authenticate(verifier), requireRole(900), (_request, response) =>
  response.json({ admin: true }),
);
app.get('/shops/:id', authenticate(verifier), requireMerchant('id'), (request, response) =>
  response.json({ shop: request.params.id }),
);
if (service) {
  // What the token's bearer may do there now, not when the token was made.
  const permissions = createPermissions({ base, service, onWarning });
  const mayRead = requirePermission('customer', 'read', { permissions, domain: 'id' });
  app.get('/shops/:id/customers', authenticate(verifier), mayRead, (request, response) =>
    response.json({ shop: request.params.id }),
  );
}
app.use(answerRefusals());
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  console.log(server.address().port),
);
