import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { BUILD_OPTIONS } from '../../embedded/keycloak-build.js';
import { HASHING } from '../../embedded/keycloak-environment.js';

/** Instructions, a line each, without comments. */
const instructions = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
const lastStage = (lines: string[]) => lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
const service = instructions('docker/service/Dockerfile');
const keycloak = instructions('docker/keycloak/Dockerfile');

describe.each([
  ['docker/service/Dockerfile', service, '1000:1000'],
  ['docker/keycloak/Dockerfile', keycloak, '1000'],
])('%s', (_path, lines, user) => {
  test('names a version of each base, is built in stages, and ends as a user who is not root (R1)', () => {
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases.length).toBeGreaterThan(1);
    for (const base of bases) expect(base).toMatch(/^FROM [\w./-]+:[\w.-]*\d[\w.-]*( AS \w+)?$/);
    expect(lastStage(lines).filter((line) => line.startsWith('USER '))).toEqual([`USER ${user}`]);
  });

  test('has a health check, a first process of its own and labels, and no secret (R1, T4)', () => {
    const stage = lastStage(lines);
    expect(stage.some((line) => /^HEALTHCHECK .*CMD \["/.test(line))).toBe(true);
    expect(stage.find((line) => line.startsWith('ENTRYPOINT '))).toMatch(
      /^ENTRYPOINT \["(node|\/opt\/nx\/start\.sh)"/,
    );
    for (const name of ['title', 'description', 'version', 'revision']) {
      expect(stage.join('\n')).toContain(`org.opencontainers.image.${name}=`);
    }
    expect(lines.filter((line) => /^(ENV|ARG) .*(PASSWORD|SECRET|TOKEN)=/.test(line))).toEqual([]);
  });
});

test('the service’s image holds no development dependency and no source of a part (R1)', () => {
  const stage = lastStage(service).join('\n');
  expect(service.join('\n')).toContain('npm ci --omit=dev');
  expect(stage).toContain('COPY --from=dependencies /app/node_modules');
  expect(stage).not.toMatch(/npm|COPY src|embedded/);
});

test('Keycloak is built after bridge and theme are there, by the options of the embedded one (R13)', () => {
  const build = keycloak.findIndex((line) => line.startsWith('RUN /opt/keycloak/bin/kc.sh build'));
  const copied = (what: string) =>
    keycloak.findIndex((line) => line.startsWith('COPY') && line.includes(what));
  expect(copied('nx-keycloak-bridge.jar')).toBeLessThan(build);
  expect(copied('themes/nx')).toBeLessThan(build);
  expect(copied('themes/nx')).toBeGreaterThan(0);
  expect(keycloak[build]?.match(/--\S+/g)).toEqual(BUILD_OPTIONS);
  expect(lastStage(keycloak)).toContain('CMD ["start", "--optimized"]');
});

test('Keycloak’s image hashes as the embedded one (S3)', () => {
  const stage = lastStage(keycloak).join('\n');
  for (const [name, value] of Object.entries(HASHING)) expect(stage).toContain(`${name}=${value}`);
});

test('nothing but what the images are made of reaches a build: no key, no data, no .env', () => {
  const lines = readFileSync('.dockerignore', 'utf8')
    .replace(/^#.*\n/gm, '')
    .trim()
    .split('\n');
  expect(lines[0]).toBe('*');
  for (const line of lines.slice(1))
    expect(line).toMatch(/^!(package|\.npmrc|tsconfig|src|docker\/|keycloak\/|themes\/nx)/);
});
