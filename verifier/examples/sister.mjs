/** A sister service: `node sister.mjs` with IDENTITY_URL, e.g. https://id.example.com. It calls nobody per request. */
import { createVerifier } from '@nx-identity/verifier';
import { answerRefusals, authenticate, requireMerchant, requireRole } from '@nx-identity/verifier/express';
import express from 'express';

const { IDENTITY_URL: url, IDENTITY_ISSUER: issuer = url, PORT = '0' } = process.env;
const base = `${url}/v1/api/identity`;
const verifier = createVerifier({
  jwksUri: `${url}/jw-certs`,
  issuer,
  audience: 'nx',
  ...(process.env.STATUS_LISTS === '1' && { statusList: { base: `${base}/token-status-lists` } }),
  ...(process.env.SERVICE_NAME && {
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
  response.json({ ok: true }),
);
app.get('/merchants/:id', authenticate(verifier), requireMerchant('id'), (request, response) =>
  response.json({ id: request.params.id }),
);
app.use(answerRefusals());
const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(server.address().port));
