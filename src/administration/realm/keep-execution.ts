import { findDifferences, overlay } from './compare.js';
import { missing, type Repair, surplus } from './difference.js';
import type { DeclaredStep, LiveStep } from './flow-steps.js';
import type { Kept } from './keeper.js';

/** One step of a declared flow: whether it is required, its place among the others, its settings. */
export async function* keepExecution(
  { keycloak }: Kept,
  flow: string,
  step: DeclaredStep,
  live: LiveStep,
): AsyncGenerator<Repair> {
  const { authenticationManagement } = keycloak;
  const path = `flows.${flow}.${step.name}`;
  const { requirement, priority, subFlow } = step;
  const differences = findDifferences(path, { requirement, priority }, live);
  const { name: _, ...execution } = live;
  if (differences.length > 0) {
    const renewed = { ...execution, requirement, priority };
    yield { differences, apply: () => authenticationManagement.updateExecution({ flow }, renewed) };
  }
  if (subFlow) {
    const described = findDifferences(path, { description: subFlow.description }, live);
    const renewed = { ...execution, requirement, priority, description: subFlow.description ?? '' };
    if (described.length > 0) {
      yield {
        differences: described,
        apply: () => authenticationManagement.updateExecution({ flow }, renewed),
      };
    }
  }
  yield* keepConfig(keycloak, path, step, live);
}

/**
 * Keycloak answers `**********` for every setting that an authenticator doesn't name as plain, `default.reference.*`
 * (amr) among them: one that is there counts as right, one that is gone or named otherwise is put back.
 */
async function* keepConfig(
  { authenticationManagement }: Kept['keycloak'],
  path: string,
  { config }: DeclaredStep,
  live: LiveStep,
): AsyncGenerator<Repair> {
  const { id = '', authenticationConfig: configId } = live;
  if (!config) {
    if (!configId) return;
    const apply = () => authenticationManagement.delConfig({ id: configId });
    return yield { differences: [surplus(`${path}.config`)], apply };
  }
  const { alias = '', config: settings = {} } = config;
  if (!configId) {
    const apply = () => authenticationManagement.createConfig({ id, alias, config: settings });
    return yield { differences: [missing(`${path}.config`)], apply };
  }
  const found = await authenticationManagement.getConfig({ id: configId });
  const differences = findDifferences(`${path}.config`, { alias, config: settings }, found);
  const renewed = { ...overlay(found, { alias, config: settings }), id: configId };
  if (differences.length > 0) {
    yield { differences, apply: () => authenticationManagement.updateConfig(renewed) };
  }
}
