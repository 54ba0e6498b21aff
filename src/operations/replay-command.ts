import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { DONE, defineOperation, NOT_DONE, USED_WRONGLY } from './operation.js';
import type { OperationTools } from './operation-tools.js';

const PAGE = 100;

const usage = `ops replay <message id>
ops replay --all-dead
    sends a message, or each of them, once more that could not be sent; a code past its life is never sent`;

export const replayCommand = defineOperation({
  usage,
  schema: z.object({
    message: z
      .string()
      .regex(/^\d{1,20}$/)
      .optional(),
    'all-dead': z.boolean().default(false),
  }),
  positionals: ['message'],
  flags: ['all-dead'],
  async run(tools, { message, 'all-dead': all }) {
    if ((message === undefined) === !all) {
      tools.say(`a message id, or --all-dead\n${usage}`);
      return USED_WRONGLY;
    }
    if (message !== undefined) {
      await replay(tools, message);
      tools.say(`Promised again: message ${message}. A worker sends it.`);
      return DONE;
    }
    const { done, left } = await replayAll(tools);
    tools.say(`Promised again: ${done} messages. Left as they are, being too late: ${left}.`);
    return done > 0 ? DONE : NOT_DONE;
  },
});

/** With its line in the trail. @throws Problem as ReplayMessage says */
const replay = ({ database, replayMessage, record }: OperationTools, id: string): Promise<void> =>
  database.transaction(async (sql) => {
    await replayMessage(sql, id);
    await record(sql, { action: 'message.replayed', subject: { type: 'message', id } });
  });

/** From the newest back, so what fails anew meanwhile is not met again. */
async function replayAll(tools: OperationTools): Promise<{ done: number; left: number }> {
  const count = { done: 0, left: 0 };
  let cursor: string | undefined;
  do {
    const page = await tools.listMessages({ status: 'dead', limit: PAGE, cursor });
    for (const { id } of page.items) {
      const wasDone = await replay(tools, id).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Problem && error.kind.status < 500) return false;
          throw error;
        },
      );
      count[wasDone ? 'done' : 'left'] += 1;
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
}
