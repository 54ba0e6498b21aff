import type KcAdminClient from '@keycloak/keycloak-admin-client';
import type { RealmDeclaration } from './declaration.js';
import type { Repair } from './difference.js';

/** What every keeper of a section works with. */
export interface Kept {
  /** The admin interface of the realm that is kept. */
  keycloak: KcAdminClient;
  declared: RealmDeclaration;
  /** Whether client secrets that differ are set; see keep-client-secret.ts. */
  setSecrets: boolean;
}

/** Applies what a keeper yields, where it is part of making something that was missing: told as one. */
export async function applyAll(repairs: AsyncGenerator<Repair>): Promise<void> {
  for await (const repair of repairs) await repair.apply?.();
}

/**
 * Yields a section's repairs one after the other. The reader may have applied one before it asks for the next, or
 * not (a dry run): a keeper looks again at what it builds on, and ends where that is missing.
 */
export type Keeper = (kept: Kept) => AsyncGenerator<Repair>;
