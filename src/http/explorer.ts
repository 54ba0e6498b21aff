import express, { type Express } from 'express';
// Its main module would load the whole browser bundle into this process.
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';
import { BASE } from './base-path.js';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>nx-identity</title>
<link rel="stylesheet" href="explorer/swagger-ui.css">
</head>
<body><div id="explorer"></div>
<script src="explorer/swagger-ui-bundle.js"></script><script src="explorer/start.js"></script>
</body>
</html>`;
const START = `SwaggerUIBundle({ url: '${BASE}/doc/openapi.json', dom_id: '#explorer', deepLinking: true });`;

/** `doc/openapi.json`, and a page to explore it whose scripts all come from here (R3). */
export function mountExplorer(app: Express, openApi: object): void {
  const folder = `${BASE}/doc`;
  app.get(`${folder}/openapi.json`, (_request, response) => {
    response.set('Cache-Control', 'public, max-age=60').json(openApi);
  });
  app.get(`${folder}/explorer`, (_request, response) => {
    response.type('html').send(PAGE);
  });
  app.get(`${folder}/explorer/start.js`, (_request, response) => {
    response.type('js').send(START);
  });
  app.use(`${folder}/explorer`, express.static(swaggerUiFolder(), { index: false, maxAge: '1d' }));
}
