import { types } from 'node:util';
import type { Bell } from '../database/bell.js';
import { Problem } from '../errors/problem.js';
import type { Running } from '../running.js';
import type { Logger } from '../telemetry/logger.js';
import type { News } from './news.js';
import type { NewsStore } from './news-store.js';

const LOOK_EVERY_MS = 1000;

/**
 * Acts on what was written down until it is stopped: at a ring, or once a second. One event at a time in a process,
 * several processes at once; an event that can't be acted on now, as Keycloak is away, holds up no other.
 */
export function runNewsDesk(options: {
  store: Pick<NewsStore, 'take' | 'done' | 'putOff'>;
  /** Done once, before anything else. */
  open: () => Promise<void>;
  handle: (news: News) => Promise<void>;
  bell: Bell;
  logger: Logger;
}): Running {
  const { store, open, handle, bell, logger } = options;
  let stopped = false;
  let isOpen = false;

  async function handleNext(): Promise<boolean> {
    const taken = await store.take();
    if (!taken) return false;
    const { news, tries } = taken;
    try {
      await handle(news);
      await store.done(news.id);
    } catch (error) {
      logger.warn({ err: error, id: news.id, type: news.type, tries }, "news of Keycloak's waits");
      await store.putOff(taken, classOf(error));
    }
    return true;
  }

  const running = (async () => {
    while (!stopped) {
      try {
        if (!isOpen) await open();
        isOpen = true;
        while (!stopped && (await handleNext()));
      } catch (error) {
        logger.debug({ err: error }, "Keycloak's news can't be read");
      }
      if (!stopped) await bell.wait(LOOK_EVERY_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      bell.ring();
      await running;
    },
  };
}

const classOf = (error: unknown): string =>
  error instanceof Problem ? error.kind.code : types.isNativeError(error) ? error.name : 'unknown';
