export { createFindReach, type FindReach } from './reach.js';
export { configurationRoutes } from './routes.js';
export { createTryConfiguration } from './try-configuration.js';
export { createWriteConfiguration } from './write-configuration.js';
