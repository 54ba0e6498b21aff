import { Roles1763700000000 } from './1763700000000-roles.js';
import { Shared1763700001000 } from './1763700001000-shared.js';
import { People1763700002000 } from './1763700002000-people.js';
import { Snapshot1763700003000 } from './1763700003000-snapshot.js';
import { Sessions1763700004000 } from './1763700004000-sessions.js';
import { HostedSignIn1763700020000 } from './1763700020000-hosted-sign-in.js';
import { Services1763700040000 } from './1763700040000-services.js';
import { SessionRetention1763700045000 } from './1763700045000-session-retention.js';
import { Audit1763700050000 } from './1763700050000-audit.js';
import { Identifiers1763700055000 } from './1763700055000-identifiers.js';
import { SignUps1763700056000 } from './1763700056000-sign-ups.js';
import { Messages1763700060000 } from './1763700060000-messages.js';
import { TollGuard1763700080000 } from './1763700080000-toll-guard.js';
import { DeliveryReports1763700090000 } from './1763700090000-delivery-reports.js';
import { SignInPlaces1763700091000 } from './1763700091000-sign-in-places.js';
import { OthersLogout1763700092000 } from './1763700092000-others-logout.js';
import { KeycloakEvents1763700100000 } from './1763700100000-keycloak-events.js';
import { StatusLists1763700110000 } from './1763700110000-status-lists.js';
import { SessionTurns1763700115000 } from './1763700115000-session-turns.js';
import { Branches1763700120000 } from './1763700120000-branches.js';
import { SigningKeys1763700130000 } from './1763700130000-signing-keys.js';
import { PolicyReach1763700140000 } from './1763700140000-policy-reach.js';
import { PolicyChanges1763700141000 } from './1763700141000-policy-changes.js';
import { CustomerPermissions1763700142000 } from './1763700142000-customer-permissions.js';
import { Customers1763700150000 } from './1763700150000-customers.js';
import { CustomerSearch1763700151000 } from './1763700151000-customer-search.js';
import { CustomerImports1763700152000 } from './1763700152000-customer-imports.js';
import { Places1763700160000 } from './1763700160000-places.js';
import { Invitations1763700161000 } from './1763700161000-invitations.js';
import { RightsTaken1763700162000 } from './1763700162000-rights-taken.js';
import { ServiceAdministration1763700163000 } from './1763700163000-service-administration.js';
import { Consents1763700164000 } from './1763700164000-consents.js';
import { SisterReads1763700166000 } from './1763700166000-sister-reads.js';
import { ProfileChanges1763700167000 } from './1763700167000-profile-changes.js';
import { DeadMessages1763700170000 } from './1763700170000-dead-messages.js';
import { ImportedUsers1763700171000 } from './1763700171000-imported-users.js';
import { AfterRestore1763700172000 } from './1763700172000-after-restore.js';
import { MessageTraces1763700180000 } from './1763700180000-message-traces.js';

/** In the order in which they run. A migration that has landed never changes. */
export const migrations = [
  Roles1763700000000,
  Shared1763700001000,
  People1763700002000,
  Snapshot1763700003000,
  Sessions1763700004000,
  HostedSignIn1763700020000,
  Services1763700040000,
  SessionRetention1763700045000,
  Audit1763700050000,
  Identifiers1763700055000,
  SignUps1763700056000,
  Messages1763700060000,
  TollGuard1763700080000,
  DeliveryReports1763700090000,
  SignInPlaces1763700091000,
  OthersLogout1763700092000,
  KeycloakEvents1763700100000,
  StatusLists1763700110000,
  SessionTurns1763700115000,
  Branches1763700120000,
  SigningKeys1763700130000,
  PolicyReach1763700140000,
  PolicyChanges1763700141000,
  CustomerPermissions1763700142000,
  Customers1763700150000,
  CustomerSearch1763700151000,
  CustomerImports1763700152000,
  Places1763700160000,
  Invitations1763700161000,
  RightsTaken1763700162000,
  ServiceAdministration1763700163000,
  Consents1763700164000,
  SisterReads1763700166000,
  ProfileChanges1763700167000,
  DeadMessages1763700170000,
  ImportedUsers1763700171000,
  AfterRestore1763700172000,
  MessageTraces1763700180000,
];
