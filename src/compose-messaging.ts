import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { type Chore, startChore } from './chore.js';
import {
  createCredentials,
  createReadConfiguration,
  type ReadConfiguration,
} from './configurations/index.js';
import { listenChannel } from './database/listen-channel.js';
import { createSealedText } from './database/sealed-text.js';
import type { NextId } from './database/snowflake.js';
import { byAddress } from './http/limits.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createCountPromised,
  createGuardCircuit,
  createListMessages,
  createMessageRelay,
  createMessageStore,
  createPromiseMessage,
  createRecordReport,
  createReplayMessage,
  createReportTokens,
  createSealedMessage,
  createSenders,
  createSendMessage,
  createSmtpTransports,
  MESSAGE_CHANNEL,
  observeMessages,
  purgeMessages,
  REPORTS,
  reportRoutes,
  resolvePublicHost,
  runMessageRelay,
  type Senders,
  tracePromises,
  traceSending,
} from './messaging/index.js';
import { consumeIds } from './queues/consume-ids.js';
import { createIdQueue } from './queues/id-queue.js';
import type { Running } from './running.js';
import type { MessageKeys } from './tokens/index.js';

const QUEUE = 'messages';
const AT_ONCE = 20;
const FIGURES_EVERY_MS = 5000;
const PURGE_EVERY_MS = 60_000;

export type Messaging = ReturnType<typeof composeMessaging>;

/** Wires what promises messages and keeps their ledger; nothing here sends but what `senderOf` is asked for. */
export function composeMessaging(infrastructure: Infrastructure, keys: MessageKeys, nextId: NextId) {
  const { database, messageBell, traces } = infrastructure;
  const { readConfiguration, credentials, transports, senders } = composeSenders(infrastructure, keys);
  const sealed = createSealedMessage(keys.message);
  return {
    readConfiguration,
    credentials,
    canSend: senders.canSend,
    senderOf: senders.senderOf,
    /** Lets go of the connections to mail servers. */
    closeSenders: transports.close,
    promiseMessage: tracePromises(
      createPromiseMessage({ nextId, sealed, onPromised: messageBell.ring, carry: traces?.carry }),
      traces,
    ),
    countPromised: createCountPromised({ sql: database, sealed }),
    listMessages: createListMessages(database),
    replayMessage: createReplayMessage({ onReplayed: messageBell.ring }),
    reportRoutes: composeReports(infrastructure, keys, readConfiguration),
  };
}

/** Where providers report what became of messages. Thousands a minute are theirs; more is somebody else. */
function composeReports(
  { database, limit, metrics }: Infrastructure,
  keys: MessageKeys,
  readConfiguration: ReadConfiguration,
): Route[] {
  const help = 'Delivery reports that said something new';
  return reportRoutes({
    tokens: createReportTokens(keys.message),
    recordReport: createRecordReport({
      sql: database,
      count: metrics.counter({ name: 'nx_delivery_reports_total', help, label: 'report' }),
    }),
    readConfiguration,
    limits: [limit({ name: 'delivery-report-address', perMinute: 6000, key: byAddress })],
  });
}

function composeSenders({ config, database, logger }: Infrastructure, keys: MessageKeys) {
  const { configuration, previousConfiguration } = keys;
  const monotonicNow = () => performance.now();
  const readConfiguration = createReadConfiguration({ sql: database, monotonicNow, logger });
  const transports = createSmtpTransports({ monotonicNow });
  const reportTokens = createReportTokens(keys.message);
  const previous = previousConfiguration ? [previousConfiguration] : [];
  const credentials = createCredentials(createSealedText(configuration, ...previous));
  const senders: Senders = createSenders({
    readConfiguration,
    credentials,
    transports,
    devInbox: config.devInbox,
    resolvePublicHost,
    now: Date.now,
    esmsReportUrl: (id) => `${config.tokens.issuer}${REPORTS}/esms/${reportTokens.make(id)}`,
    logger,
  });
  return { readConfiguration, credentials, transports, senders };
}

/** Sends what was promised, by whichever process: relay, queue and senders. */
export function startMessaging(infrastructure: Infrastructure, keys: MessageKeys): Running {
  const { config, database, logger, metrics, messageBell, traces } = infrastructure;
  const { transports, senders } = composeSenders(infrastructure, keys);
  const stopping = new AbortController();
  const queue = createIdQueue({ name: QUEUE, ...config.redis, logger });
  const relay = runMessageRelay({
    relay: createMessageRelay({ database, enqueue: queue.add }),
    bell: messageBell,
    logger,
  });
  const sendMessage = createSendMessage({
    store: createMessageStore(database),
    sealed: createSealedMessage(keys.message),
    ...traceSending(traces, senders.sendersFor),
    guard: createGuardCircuit(),
    newLease: randomUUID,
    random: Math.random,
    monotonicNow: () => performance.now(),
    pause: (ms) => after(ms, true, { signal: stopping.signal }).catch(() => false),
    count: metrics.message,
    logger,
  });
  const consumer = consumeIds({ name: QUEUE, ...config.redis, atOnce: AT_ONCE, work: sendMessage, logger });
  const { directUrl } = config.database;
  const stopListening = directUrl
    ? listenChannel({ url: directUrl, channel: MESSAGE_CHANNEL, onNotice: messageBell.ring, logger })
    : async () => undefined;
  const running = chores(infrastructure, queue).map((chore) => startChore(chore, logger));
  return {
    async stop() {
      stopping.abort();
      await Promise.all([
        relay.stop(),
        stopListening(),
        consumer.stop(),
        ...running.map((chore) => chore.stop()),
      ]);
      await queue.close();
      transports.close();
    },
  };
}

/** What nobody waits for: figures for operators, and the end of what is old. */
function chores(
  { config, database, metrics }: Infrastructure,
  queue: ReturnType<typeof createIdQueue>,
): Chore[] {
  const figures = observeMessages({ sql: database, queue, metrics });
  const { retentionDays } = config.messages;
  return [
    { every: FIGURES_EVERY_MS, work: figures.refresh, complaint: 'the figures of messages were not read' },
    {
      every: PURGE_EVERY_MS,
      work: () => purgeMessages(database, retentionDays),
      complaint: 'old messages were not deleted',
    },
  ];
}
