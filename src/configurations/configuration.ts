/** A row of `public."Configuration"`, its data checked by the schema of its code (contract §9). */
export interface Configuration<Data> {
  id: string;
  code: string;
  /** null: the platform's. */
  merchantId: string | null;
  data: Data;
  /** The sealed envelope as it stands in the row. */
  credential: string | null;
}

/** A row that cannot be used: the message names the row and what is wrong, and nothing of what it holds. */
export class UnusableConfiguration extends Error {
  constructor(configuration: { id: string; code: string }, reason: string) {
    super(`Configuration ${configuration.code} (${configuration.id}): ${reason}`);
    this.name = 'UnusableConfiguration';
  }
}
