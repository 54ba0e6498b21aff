import { keepPartitions } from './audit/index.js';
import { purgeExpired } from './database/purge-expired.js';
import type { Infrastructure } from './infrastructure.js';
import { purgeMessages } from './messaging/index.js';
import { signUpStore } from './sign-in/index.js';
import { dropStatusLists } from './tokens/index.js';

/** Keeps every table's retention (X3, docs/retention.md): all that the worker does of it by itself, at once. Needs `nx_worker`. */
export async function purgeEverything({ config, database }: Infrastructure): Promise<void> {
  await purgeExpired(database);
  await purgeMessages(database, config.messages.retentionDays);
  await signUpStore.forgetDone(database);
  await dropStatusLists(database);
  await keepPartitions(database, config.audit.retentionMonths);
}
