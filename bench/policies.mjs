/**
 * `npm run bench:policies`: checks of the compiled index, beside node-casbin with the same rows and model, in turns
 * (medians of three rounds), and how long a single check takes at 10,000 rows of one subject. In this process, without
 * any part; nothing here is asserted.
 */
import { readFileSync } from 'node:fs';
import { newEnforcer, newModelFromString, Util } from 'casbin';
import { bootstrap } from '../embedded/bootstrap.mjs';
import { median } from './measure.mjs';

await bootstrap();
const { compilePolicies } = await import('../dist/src/policies/policy-index.js');

const ME = { type: 'User', id: '1' };
const ACTIONS = ['create', 'read', 'update', 'delete', 'execute'];
const nothing = {
  effect: null,
  domainType: null,
  domainId: null,
  permitted: null,
  object: null,
  domain: null,
  action: null,
};

/** Grants to twenty roles over many things and merchants; one in ten denies. */
function makeRows(count) {
  const roles = Array.from({ length: 20 }, (_, index) => `${index}`);
  const rows = roles.map((role) => ({
    ...nothing,
    id: `role-${role}`,
    variant: 'assign_role',
    subjectType: 'User',
    subjectId: '1',
    targetType: 'Role',
    targetId: role,
  }));
  for (let n = rows.length; n < count; n += 1) {
    rows.push({
      ...nothing,
      id: `grant-${n}`,
      variant: 'grant',
      subjectType: 'Role',
      subjectId: roles[n % 20],
      targetType: 'Permission',
      targetId: `${n}`,
      object: `thing-${n % 100}`,
      action: ACTIONS[n % 5],
      effect: n % 10 === 7 ? 'deny' : 'allow',
      domain: `Merchant_${n % 500}`,
    });
  }
  return { rows, roles: roles.map((id) => ({ id, identifier: `010_${id}`, priority: 10 })) };
}

const questions = Array.from({ length: 5000 }, (_, n) => ({
  domain: `Merchant_${(n * 7) % 500}`,
  object: `thing-${(n * 3) % 100}`,
  action: ACTIONS[n % 5],
}));

/** Checks in a second of this thread. */
function perSecond(check, atMostMs) {
  const begun = performance.now();
  let done = 0;
  while (performance.now() - begun < atMostMs) check(questions[done++ % questions.length]);
  return (done * 1000) / (performance.now() - begun);
}

async function casbinOf({ rows }) {
  const enforcer = await newEnforcer(
    newModelFromString(readFileSync('src/policies/policy-model.conf', 'utf8')),
  );
  await enforcer.addNamedDomainMatchingFunc('g', Util.keyMatchFunc);
  await enforcer.addFunction('objectMatch', (requested, granted) => requested === granted);
  for (const row of rows) {
    if (row.variant === 'grant') {
      const { subjectId, domain, object, action, effect } = row;
      enforcer.getModel().addPolicy('p', 'p', [`Role_${subjectId}`, domain, object, action, effect]);
    } else enforcer.getModel().addPolicy('g', 'g', ['User_1', `Role_${row.targetId}`, '*']);
  }
  await enforcer.buildRoleLinks();
  return ({ domain, object, action }) => enforcer.enforceSync('User_1', domain, object, action);
}

const rounded = (value) => Math.round(value).toLocaleString('en');
const indexes = new Map();
for (const count of [200, 1000, 10_000]) {
  const { rows, roles } = makeRows(count);
  const begun = performance.now();
  indexes.set(count, compilePolicies(ME, rows, roles));
  process.stdout.write(`compiled ${rounded(count)} rows in ${(performance.now() - begun).toFixed(1)} ms\n`);
}
const casbin = await casbinOf(makeRows(200));
const rounds = { casbin: [], 200: [], 1000: [], 10000: [] };
for (let round = 0; round < 3; round += 1) {
  rounds.casbin.push(perSecond(casbin, 2000));
  for (const [count, index] of indexes)
    rounds[count].push(perSecond((question) => index.decide(question), 1000));
}
const peer = median(rounds.casbin);
process.stdout.write(`node-casbin at 200 rows: ${rounded(peer)} checks a second\n`);
for (const count of indexes.keys()) {
  const own = median(rounds[count]);
  process.stdout.write(
    `index at ${rounded(count)} rows: ${rounded(own)} a second, ${rounded(own / peer)} x casbin at 200\n`,
  );
}
const times = Array.from({ length: 100_000 }, (_, n) => {
  const begun = performance.now();
  indexes.get(10_000).decide(questions[n % questions.length]);
  return performance.now() - begun;
}).sort((a, b) => a - b);
const at = (share) => `${(times[Math.floor(times.length * share)] * 1000).toFixed(1)} µs`;
process.stdout.write(`one check at 10,000 rows: p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}\n`);
