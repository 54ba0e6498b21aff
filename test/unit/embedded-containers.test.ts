import { expect, test } from '@jest/globals';
import { containerSpec, IMAGES } from '../../embedded/containers.js';
import { chooseRunner } from '../../embedded/start-test-parts.js';
import { composeFile } from '../deploy/compose-file.js';

const container = (over: object) =>
  containerSpec('/somewhere', {
    name: 'PostgreSQL',
    image: IMAGES.postgres,
    options: [],
    args: [],
    env: { POSTGRES_PASSWORD: 'not for others' },
    logFile: '/somewhere/log',
    ...over,
  });

test('parts in containers are those of the compose file', () => {
  const { postgres, redis, keycloak } = composeFile().services;
  expect(IMAGES).toEqual({
    postgres: postgres?.image,
    redis: redis?.image,
    keycloak: keycloak?.image,
  });
});

test('a secret of a part in a container is in no command line (R8)', () => {
  const { args, env } = container({});
  expect(env.POSTGRES_PASSWORD).toBe('not for others');
  expect(args.join(' ')).toContain('--env POSTGRES_PASSWORD ');
  expect(args.join(' ')).not.toContain('not for others');
});

test('two checkouts do not take each other’s containers, and a next run finds what a killed one left', () => {
  const marker = (dataDir: string) =>
    containerSpec(dataDir, { name: 'Redis', image: 'i', options: [], args: [], env: {}, logFile: 'l' })
      .pidFile?.marker;
  expect(marker('/one')).toBe(marker('/one'));
  expect(marker('/one')).not.toBe(marker('/other'));
});

test('TEST_PARTS that are neither embedded nor containers end the run with what they may be', () => {
  expect(chooseRunner({})).toBe(chooseRunner({ TEST_PARTS: 'embedded' }));
  expect(chooseRunner({ TEST_PARTS: 'containers' })).not.toBe(chooseRunner({}));
  expect(() => chooseRunner({ TEST_PARTS: 'constructor' })).toThrow(
    'TEST_PARTS is "constructor": it is embedded or containers',
  );
});
