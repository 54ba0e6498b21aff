export { createAnnounceProfiles } from './announce-profiles.js';
export { type ClaimPhone, createClaimPhone } from './claim-phone.js';
export { createDevices, type Devices, endDevices, endEveryDevice } from './devices.js';
export { createEnsurePerson, type EnsuredPerson, type EnsurePerson } from './ensure-person.js';
export { type Account, createFindAccount, type FindAccount } from './find-account.js';
export { followStanding, type KeycloakStatus } from './follow-standing.js';
export { type Identifier, normalizeIdentifier } from './identifier.js';
export { type KnownPerson, lookUpPerson } from './look-up-person.js';
export { maskPhone, PERSON_AS_JSON, type Person, type Profile } from './person.js';
export { readPhoneNumber } from './phone-number.js';
export {
  createRegisterPerson,
  IdentifierTaken,
  type NewPerson,
  type RegisterPerson,
  unregisterPerson,
} from './register-person.js';
export { createRelayStandings } from './relay-standings.js';
export { releaseDormant } from './release-dormant.js';
export { reserveIdentifier } from './reserve-identifier.js';
export { createUpdateProfile, type UpdateProfile } from './update-profile.js';
export { createUserDirectory } from './user-directory.js';
export { userRoutes } from './user-routes.js';
