/** Where the service's own interface lives; standards have paths of their own (contract §2). */
export const BASE = '/v1/api/identity';
