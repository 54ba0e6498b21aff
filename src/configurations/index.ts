export { type Configuration, UnusableConfiguration } from './configuration.js';
export { type Credentials, createCredentials } from './credentials.js';
export { createReadConfiguration, type ReadConfiguration } from './read-configuration.js';
export { resealCredentials } from './reseal-credentials.js';
