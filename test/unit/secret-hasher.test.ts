import { expect, test } from '@jest/globals';
import { createDecoyHash, createSecretHasher } from '../../src/services/secret-hasher.js';

const open = () => createSecretHasher({ parallel: 2, waiting: 100 });

test("secrets are argon2id hashes with OWASP's parameters, each with a salt of its own (P5)", async () => {
  const hasher = open();
  const [one, two] = [await hasher.hash('secret'), await hasher.hash('secret')];
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await hasher.verify(one, 'secret')).toBe(true);
  expect(await hasher.verify(one, 'secret ')).toBe(false);
});

test('the decoy costs what a real hash costs, and is another one in each process (equal time)', async () => {
  const decoy = await createDecoyHash(open());
  expect(decoy).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(decoy).not.toBe(await createDecoyHash(open()));
});

test('hashing leaves the event loop free', async () => {
  const hasher = open();
  const hash = await hasher.hash('secret');
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await hasher.verify(hash, 'secret');
  done = true;
  expect(turns).toBeGreaterThan(1);
});

test('a flood waits in a bounded line, and the rest is told to come back (503)', async () => {
  const hasher = createSecretHasher({ parallel: 1, waiting: 3 });
  const hash = await hasher.hash('secret');
  const flood = await Promise.allSettled(Array.from({ length: 20 }, () => hasher.verify(hash, 'secret')));
  const refused = flood.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  expect(refused).toHaveLength(17);
  for (const problem of refused) {
    expect(problem).toMatchObject({ kind: { status: 503 }, options: { headers: { 'Retry-After': '1' } } });
  }
  expect(await hasher.verify(hash, 'secret')).toBe(true);
});
