import { findDifferences, overlay } from './compare.js';
import { missing } from './difference.js';
import type { Keeper } from './keeper.js';

/** The declared required actions; one that an administrator registered beside them stays. */
export const keepRequiredActions: Keeper = async function* ({ keycloak, declared }) {
  const registered = await keycloak.authenticationManagement.getRequiredActions();
  for (const action of declared.requiredActions ?? []) {
    const alias = action.alias ?? '';
    const path = `requiredActions.${alias}`;
    const live = registered.find((candidate) => candidate.alias === alias);
    const update = () =>
      keycloak.authenticationManagement.updateRequiredAction({ alias }, overlay(live ?? {}, action));
    if (!live) {
      const { providerId = alias, name = alias } = action;
      yield {
        differences: [missing(path)],
        apply: async () => {
          await keycloak.authenticationManagement.registerRequiredAction({ providerId, name });
          await update();
        },
      };
      continue;
    }
    const differences = findDifferences(path, action, live);
    if (differences.length > 0) yield { differences, apply: update };
  }
};
