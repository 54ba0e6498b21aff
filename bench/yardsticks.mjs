/** One yardstick server in a process of its own: `node bench/yardsticks.mjs hello|mint|express`; prints its port. */
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';

const jwk = JSON.parse(process.env.BENCH_JWK ?? 'null');
const keycloakKey = jwk && createPublicKey({ key: jwk, format: 'jwk' });
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = encode({
  alg: 'ES256',
  kid: createHash('sha256').update('x').digest('base64url'),
  typ: 'at+jwt',
});

function verifyAndMint(token) {
  const [head, payload, signature] = token.split('.');
  if (!verify('sha256', Buffer.from(`${head}.${payload}`), keycloakKey, Buffer.from(signature, 'base64url')))
    return '';
  const data = `${header}.${encode({ ...JSON.parse(Buffer.from(payload, 'base64url')), roles: [], organizers: [] })}`;
  return `${data}.${sign('sha256', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const servers = {
  hello: () => createServer((_request, response) => response.end('hello')),
  /** Nothing but the cryptography: RS256 in, ES256 out. */
  mint: () =>
    createServer((request, response) => {
      let body = '';
      request.on('data', (data) => {
        body += data;
      });
      request.on('end', () => response.end(verifyAndMint(new URLSearchParams(body).get('subject_token'))));
    }),
  /** What a team writes in an afternoon: no session check, no snapshot, no limits. */
  express: () => {
    const app = express();
    app.post('/', express.urlencoded({ extended: false }), (request, response) => {
      const claims = jsonwebtoken.verify(request.body.subject_token, keycloakKey, { algorithms: ['RS256'] });
      const payload = { sub: claims.sub, roles: [], organizers: [], merchants: [] };
      response.json({
        access_token: jsonwebtoken.sign(payload, privateKey, { algorithm: 'ES256', expiresIn: 900 }),
      });
    });
    return createServer(app);
  },
};

const server = servers[process.argv[2]]().listen(0, '127.0.0.1', () => console.log(server.address().port));
