import type { Command } from 'ioredis';
import type { Traces } from '../telemetry/traces.js';
import type { RedisConnection } from './redis.js';

type Send = (command: Command, ...rest: unknown[]) => unknown;

/** Makes each command of this connection a span: its name, never a key and never a value. */
export function traceRedis(redis: RedisConnection, traces: Traces): void {
  const connection = redis as unknown as { sendCommand: Send };
  const send = connection.sendCommand.bind(connection);
  connection.sendCommand = (command, ...rest) => {
    const { name, promise } = command;
    const attributes = { 'db.system.name': 'redis', 'db.operation.name': name };
    const end = traces.begin({ name: `redis ${name}`, kind: 'client', attributes });
    if (end) promise.then(() => end(), end);
    return send(command, ...rest);
  };
}
