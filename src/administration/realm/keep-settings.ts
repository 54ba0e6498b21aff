import { findDifferences, overlay } from './compare.js';
import { SECTIONS } from './declaration.js';
import type { Keeper } from './keeper.js';

/** Tells the import what to make and is stored nowhere. */
const IMPORT_ONLY = 'CreateDefaultClientScopes';

/** The realm's own settings: whatever the declaration names outside its sections. */
export const keepSettings: Keeper = async function* ({ keycloak, declared }) {
  const settings = Object.fromEntries(
    Object.entries(declared).filter(([name]) => !(SECTIONS as readonly string[]).includes(name)),
  );
  const { [IMPORT_ONLY]: _, ...attributes } = declared.attributes ?? {};
  const ours = { ...settings, attributes };
  const live = await keycloak.realms.findOne({ realm: declared.realm });
  const differences = findDifferences('', inTerms(ours), inTerms(live));
  if (differences.length === 0) return;
  // The whole realm as the console sends it: Keycloak builds its OTP and WebAuthn policies from what arrives.
  yield {
    differences,
    apply: () => keycloak.realms.update({ realm: declared.realm }, overlay(live, ours) ?? {}),
  };
};

/** A password policy is a list of rules without an order; rules are ours alone, as one may loosen another. */
function inTerms(settings: object | undefined): unknown {
  const { passwordPolicy }: { passwordPolicy?: unknown } = settings ?? {};
  return typeof passwordPolicy === 'string'
    ? { ...settings, passwordPolicy: passwordPolicy.split(' and ').map((rule) => rule.trim()) }
    : settings;
}
