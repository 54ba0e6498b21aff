export { clientRoutes } from './routes.js';
export { createWriteClient } from './write-client.js';
