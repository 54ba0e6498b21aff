import { fileURLToPath } from 'node:url';
import type { Express } from 'express';

const FOLDER = fileURLToPath(new URL('./demo/', import.meta.url));
const FILES = {
  '/demo': 'index.html',
  // Where the links of invitations lead unless IDENTITY_INVITATION_URL says another page.
  '/invitation': 'index.html',
  '/demo/demo.css': 'demo.css',
  '/demo/demo.js': 'demo.js',
};

/** Its own files and this service; no inline script or style, no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * `/demo` (contract §3), only with IDENTITY_DEV_TOOLS=1: an app of the client `nx-demo` that signs in by form and on
 * Keycloak's pages, and accepts an invitation, by nothing but the published interface.
 */
export function mountDemoPage(app: Express): void {
  for (const [path, file] of Object.entries(FILES)) {
    app.get(path, (_request, response) => {
      response.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' });
      response.sendFile(file, { root: FOLDER });
    });
  }
}
