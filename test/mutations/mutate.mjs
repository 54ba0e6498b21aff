/**
 * `npm run mutate [name …]`: breaks one promise after the other in a copy of the checkout, and expects the test
 * that each patch names to go red. Boots the parts once, and Keycloak again for patches of the bridge or the realm.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from '../../embedded/bootstrap.mjs';
import { createNamedTests } from './named-tests.mjs';
import { REBUILDS, readMutations } from './read-mutations.mjs';
import { createRemake } from './remake-parts.mjs';
import { describeOutcomes, inWords } from './report.mjs';
import { gitApply, makeScratchTree } from './scratch-tree.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const names = process.argv.slice(2);
const mutations = readMutations().filter(
  ({ name }) => names.length === 0 || names.some((part) => name.includes(part)),
);
if (mutations.length === 0) {
  process.stderr.write(`No patch in test/mutations is called like ${names.join(', ')}.\n`);
  process.exit(1);
}

await bootstrap();
const { lockDataDir } = await import('../../dist/embedded/launcher-lock.js');
process.once('exit', lockDataDir(join(root, '.data', 'mutations')));
const tree = makeScratchTree(root, join(root, '.data', 'mutations', 'tree'));
const load = (path) => import(join(tree, 'dist', path));
const { startTestParts } = await load('embedded/start-test-parts.js');
const { STOP_ORDER } = await load('embedded/start-parts.js');
const { createSupervisor } = await load('embedded/supervisor.js');
const { onStopSignal } = await load('embedded/stop-signals.js');
const { elapsedProgress } = await load('embedded/progress.js');

const progress = elapsedProgress((line) => process.stdout.write(line));
const keycloak = createSupervisor(STOP_ORDER);
const others = createSupervisor(STOP_ORDER);
/** Keycloak apart from the rest, so that it alone can be stopped and started. */
const supervisor = {
  ...others,
  start: (spec) => (spec.name === 'Keycloak' ? keycloak : others).start(spec),
  stopChildren: () => keycloak.stopChildren().then(() => others.stopChildren()),
  stop: () => Promise.all([keycloak.stop(), others.stop()]),
  kill: () => {
    keycloak.kill();
    others.kill();
  },
  crashed: Promise.race([keycloak.crashed, others.crashed]),
};
supervisor.crashed.catch(() => {}); // whoever races on it hears of it

const touches = (mutation, folder) => mutation.touched.some((path) => path.startsWith(folder));

async function rebuildFor(mutation, remake) {
  if (mutation.rebuild === 'service' || mutation.rebuild === 'database') remake.compile();
  if (mutation.rebuild === 'database') await remake.database();
  if (mutation.rebuild === 'bridge') {
    const buildChanged = touches(mutation, 'keycloak/bridge/') || touches(mutation, 'themes/');
    await remake.rebootKeycloak({ buildChanged, realmChanged: touches(mutation, 'keycloak/realm/') });
  }
}

async function tryMutation(mutation, remake, tests) {
  const complaint = gitApply(tree, mutation.path);
  if (complaint) return { verdict: 'did not apply', why: complaint };
  try {
    await rebuildFor(mutation, remake);
    return await tests.verdictOf(mutation);
  } catch (error) {
    if (others.signal.aborted) throw error;
    return { verdict: 'no verdict', why: String(error.stdout || error.message).split('\n')[0] };
  } finally {
    gitApply(tree, mutation.path, '-R');
  }
}

async function run() {
  const { parts, file, unlock } = await startTestParts(supervisor, progress);
  process.once('exit', unlock);
  const tests = await createNamedTests({ load, parts, file, supervisor });
  const remake = await createRemake({ tree, load, parts, supervisor: others, keycloak });
  progress(`running the tests of ${mutations.length} patches, with nothing broken`);
  const before = await tests.notGreen(mutations);
  if (before.length > 0) throw new Error(`Not green to begin with:\n  ${before.join('\n  ')}`);
  const outcomes = [];
  for (const rebuild of REBUILDS) {
    const group = mutations.filter((mutation) => mutation.rebuild === rebuild);
    for (const mutation of group) {
      const outcome = await tryMutation(mutation, remake, tests);
      outcomes.push({ mutation, ...outcome });
      progress(`${inWords(outcome.verdict)}  ${mutation.name}  ${outcome.why}`);
    }
    if (group.length > 0) await rebuildFor({ rebuild, touched: [] }, remake);
  }
  progress('running the same tests once more, with everything restored');
  return describeOutcomes(outcomes, await tests.notGreen(mutations));
}

let ok = false;
const asked = onStopSignal(
  () => void supervisor.stop(),
  () => {
    supervisor.kill();
    process.exit(130);
  },
);
async function runAndReport() {
  const outcome = await run();
  process.stdout.write(outcome.text);
  ok = outcome.ok;
}
await Promise.race([runAndReport(), asked]).catch((error) => {
  process.stderr.write(`\n${error.name === 'StartFailure' ? error.message : error.stack}\n\n`);
});
await supervisor.stop();
process.exit(ok ? 0 : 1);
