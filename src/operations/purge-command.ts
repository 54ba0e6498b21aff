import { z } from 'zod';
import { DONE, defineOperation } from './operation.js';

export const purgeCommand = defineOperation({
  usage: `ops purge
    deletes what is past its retention (docs/retention.md), as the worker does by itself; needs a database user of nx_worker`,
  schema: z.object({}),
  async run({ database, purge, record, say }) {
    await purge();
    await record(database, { action: 'database.purged', subject: { type: 'audit', id: 'retention' } });
    say('Deleted whatever is past its retention.');
    return DONE;
  },
});
