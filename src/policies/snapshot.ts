/**
 * What a person is on the platform at one moment (T3), as `identity.subject_snapshot(user_id)` answers it.
 * A store calls that SQL function inside its own statement, so the snapshot costs no round trip of its own.
 * Each list holds at most 51 entries: the 51st says that there are more than a token carries.
 */
export interface Snapshot {
  roles: { id: string; identifier: string; priority: number }[];
  organizers: string[];
  merchants: string[];
  policyVersion: number;
}
