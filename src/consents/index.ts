export { consentRoutes } from './routes.js';
export { createWriteConsent } from './write-consent.js';
