/** The realm can't be kept, for a reason that an operator can remove: told without a stack. */
export class UnusableRealm extends Error {}

/** Thrown before anything is asked of Keycloak. */
export class MissingPlaceholders extends UnusableRealm {
  constructor(readonly names: readonly string[]) {
    super(
      `The realm's declaration needs ${names.join(', ')}: set each, or <NAME>_FILE to a file that holds its value`,
    );
  }
}

/** What is imported but not kept would drift unseen. Thrown before anything is asked of Keycloak. */
export class UnkeptDeclaration extends UnusableRealm {
  constructor(names: readonly string[]) {
    super(`The realm's declaration holds what nothing keeps: ${names.join(', ')}`);
  }
}

/** Keycloak refused a repair, or answers otherwise than what it took. */
export class RealmNotKept extends UnusableRealm {}
