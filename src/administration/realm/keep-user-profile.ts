import type {
  UserProfileAttribute,
  UserProfileConfig,
} from '@keycloak/keycloak-admin-client/lib/defs/userProfileMetadata.js';
import { findDifferences, overlay } from './compare.js';
import { USER_PROFILE } from './declaration.js';
import type { Keeper } from './keeper.js';

type ByName = Record<string, UserProfileAttribute>;

/** The declared attributes of a person; those that an administrator added, and groups of them, stay. */
export const keepUserProfile: Keeper = async function* ({ keycloak, declared }) {
  const text = declared.components?.[USER_PROFILE]?.[0]?.config?.['kc.user.profile.config']?.[0];
  if (!text) return;
  const { attributes, groups: _, ...settings } = JSON.parse(text) as UserProfileConfig;
  const live = await keycloak.users.getProfile();
  const ours = { ...settings, attributes: byName(attributes) };
  const theirs = { ...live, attributes: byName(live.attributes) };
  const differences = findDifferences('userProfile', ours, theirs);
  if (differences.length === 0) return;
  const { attributes: merged, ...rest } = overlay(theirs, ours);
  // Ours in their declared order, which the forms follow, then the added ones.
  const profile = { ...rest, attributes: Object.values({ ...ours.attributes, ...merged }) };
  yield { differences, apply: () => keycloak.users.updateProfile(profile) };
};

const byName = (attributes: UserProfileAttribute[] = []): ByName =>
  Object.fromEntries(attributes.map((attribute) => [attribute.name, attribute]));
