/** A sister service; it calls nobody per request. `IDENTITY_URL=https://id.example.com node sister.mjs` */
import { createVerifier } from '@nx-identity/verifier';
import { answerRefusals, authenticate, requireMerchant, requireRole } from '@nx-identity/verifier/express';
import express from 'express';

const url = process.env.IDENTITY_URL;
const base = `${url}/v1/api/identity`;
const verifier = createVerifier({
  jwksUri: `${url}/jw-certs`,
  issuer: process.env.IDENTITY_ISSUER ?? url,
  audience: 'nx',
  ...(process.env.IDENTITY_STATUS_LISTS && { statusList: { base: process.env.IDENTITY_STATUS_LISTS } }),
  ...(process.env.SERVICE_SECRET && {
    service: {
      tokenEndpoint: `${base}/auth/token`,
      name: process.env.SERVICE_NAME,
      secret: process.env.SERVICE_SECRET,
    },
  }),
  onWarning: (what, error) => console.error(what, error.message),
});

const app = express();
app.get('/me', authenticate(verifier), (request, response) => response.json(request.identity));
app.get('/admin', authenticate(verifier), requireRole(900), (_request, response) =>
  response.json({ admin: true }),
);
app.get('/shops/:id', authenticate(verifier), requireMerchant('id'), (request, response) =>
  response.json({ shop: request.params.id }),
);
app.use(answerRefusals());
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  console.log(server.address().port),
);
