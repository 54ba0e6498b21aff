export { BASIC_CHALLENGE, serviceErrors } from './errors.js';
export { createFindByToken } from './find-by-token.js';
export { createIdentifyService, type IdentifyService } from './identify-service.js';
export { createProvenServices } from './proven-services.js';
export { INTERNAL, internalRoutes } from './routes.js';
export { createDecoyHash, createSecretHasher, type SecretHasher } from './secret-hasher.js';
export { isServiceName } from './service.js';
export { createServiceGate, createServiceLimits } from './service-gate.js';
export { createServiceStore, type ServiceStore } from './service-store.js';
