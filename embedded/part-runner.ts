import type { KeycloakSources } from './keycloak-build.js';
import type { PartsDescription } from './parts.js';
import type { Ports } from './ports.js';
import type { Progress } from './progress.js';
import type { Secrets } from './secrets-file.js';
import type { Supervisor } from './supervisor.js';

/** What a part is started with. */
export interface PartStart {
  supervisor: Supervisor;
  progress: Progress;
  dataDir: string;
  cacheDir: string;
  ports: Ports;
  secrets: Secrets;
  sources: KeycloakSources;
  /** False for tests: the data need not survive a power cut. */
  durable: boolean;
}

/** How the parts are run: as processes of this machine, or in containers. Each is a watched child of the supervisor. */
export interface PartRunner {
  /** Resolves when it answers. */
  postgres(start: PartStart): Promise<void>;
  /** Resolves when it answers. */
  redis(start: PartStart): Promise<void>;
  /** Builds Keycloak, which needs no database. @returns what boots it, resolving when it knows the realm */
  keycloak(start: PartStart, parts: PartsDescription): Promise<() => Promise<void>>;
}
