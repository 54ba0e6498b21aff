/**
 * How each alert is made to fire, and how the fault ends. `alerts`: what must fire between the two. `act` is done again
 * every so often until they have; nothing here touches a figure, only what the figures are about.
 */
import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param tools the stage, its traffic, and the stand-in for the probe from outside */
export function faults({ stage, people, probe }) {
  const { parts, switches, sql, start, stop, command } = stage;
  return [
    {
      what: 'Keycloak is away while people sign in; an event of its own waits for it',
      alerts: ['NxHigh5xx', 'NxPartDown', 'NxOutboxLag'],
      async begin() {
        switches.keycloak.away();
        await sql(
          `INSERT INTO identity."KeycloakEvent" (id, type, keycloak_user_id, occurred_at, received_at)
           SELECT 'drill', 'UPDATE_PROFILE', keycloak_id, now(), now() - interval '10 minutes'
           FROM identity."User" LIMIT 1`,
        );
      },
      act: () => Promise.all([sleep(300), people.signInRightly()]),
      end: async () => switches.keycloak.back(),
    },
    {
      what: 'passwords are tried, one after the other',
      alerts: ['NxSignInFailures'],
      act: () => Promise.all([sleep(300), people.signInWrongly()]),
    },
    {
      what: 'mail server and SMS gateway are away until codes are dead, which an administrator replays once they are back',
      alerts: ['NxMailFailures', 'NxSmsFailures', 'NxDeadLetters'],
      begin: async () => {
        switches.mail.away();
        switches.sms.away();
        // The first failure makes the counter, and only the next ones are an increase; after five a circuit opens.
        await Promise.all([people.signUpByMail(), people.signUpByPhone()]);
        await sleep(2000);
      },
      act: () => Promise.all([sleep(1000), people.signUpByMail(), people.signUpByPhone()]),
      async end() {
        switches.mail.back();
        switches.sms.back();
      },
      recover: people.replayDead,
    },
    {
      what: 'fourteen codes a second are asked for',
      alerts: ['NxOtpSpike'],
      act: () => Promise.all([sleep(1000), ...Array.from({ length: 14 }, people.askForCode)]),
    },
    {
      what: 'a dozen codes go to one block of numbers, and none comes back',
      alerts: ['NxOtpConversionCollapsed'],
      begin: () => people.signUpInOneBlock(12),
      act: () => people.signUpInOneBlock(1),
    },
    {
      what: 'the public port can’t be reached',
      alerts: ['NxJwksDown'],
      begin: async () => switches.public.away(),
      act: () => sleep(1000),
      end: async () => switches.public.back(),
    },
    {
      what: 'the probe from outside ends',
      alerts: ['NxJwksUnprobed'],
      begin: probe.stop,
      act: () => sleep(1000),
      end: probe.start,
    },
    {
      what: 'the server is stopped',
      alerts: ['NxServerGone'],
      begin: () => stop('server'),
      act: () => sleep(1000),
      end: () => start('server'),
    },
    {
      what: 'the worker is stopped',
      alerts: ['NxWorkerGone'],
      begin: () => stop('worker'),
      act: () => sleep(1000),
      end: () => start('worker'),
    },
    {
      what: 'the key that signs is dated back 96 days, and the directory of keys is read-only until the end',
      alerts: ['NxSigningKeyOld', 'NxSigningKeyRotationDue'],
      async begin() {
        await chmod(parts.keysDir, 0o500);
        await sql(
          `UPDATE identity."SigningKey" SET activated_at = now() - interval '96 days' WHERE state = 'current'`,
        );
      },
      act: () => sleep(1000),
      end: () => chmod(parts.keysDir, 0o700),
    },
    {
      what: 'a rotation begins, and one replica of two (a row) does not load the key',
      alerts: ['NxKeyReplicasLag'],
      async begin() {
        await sql(
          `INSERT INTO identity."Replica" (id, name, kids, seen_at) VALUES ('drill', 'drill', '{}', now() + interval '1 hour')`,
        );
        await command('keys', 'rotate');
      },
      act: () => sleep(1000),
      end: () => sql(`DELETE FROM identity."Replica" WHERE id = 'drill'`),
    },
    {
      what: 'a sister (a row) says that it holds an older key',
      alerts: ['NxKeyConsumersLag'],
      begin: () =>
        sql(`INSERT INTO identity."KeyConsumer" (service, instance, kids) VALUES ('drill', 'drill', '{}')`),
      act: () => sleep(1000),
      end: () => sql(`DELETE FROM identity."KeyConsumer" WHERE service = 'drill'`),
    },
  ];
}
