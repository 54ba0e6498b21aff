import type { z } from 'zod';
import type { SealedText } from '../database/sealed-text.js';
import { type Configuration, UnusableConfiguration } from './configuration.js';

type Place = Pick<Configuration<unknown>, 'id' | 'code' | 'merchantId'>;

/** Credentials of configurations: sealed to their row and merchant, so that one swapped in from elsewhere is an error. */
export interface Credentials {
  /** The envelope to store in the row's `credential`. */
  seal(place: Place, credential: Record<string, string>): string;
  /** @throws UnusableConfiguration when a byte was changed, it belongs to another row, or it doesn't fit the schema */
  open<Schema extends z.ZodType>(
    configuration: Place & Pick<Configuration<unknown>, 'credential'>,
    schema: Schema,
  ): z.infer<Schema>;
}

/** What an envelope is bound to (AAD): table, row, merchant, field. */
export const credentialPlace = ({ id, merchantId }: Pick<Place, 'id' | 'merchantId'>): string =>
  JSON.stringify(['Configuration', id, merchantId, 'credential']);

export function createCredentials(sealed: SealedText): Credentials {
  return {
    seal: (place, credential) => sealed.seal(JSON.stringify(credential), credentialPlace(place)),
    open(configuration, schema) {
      if (configuration.credential === null) {
        throw new UnusableConfiguration(configuration, 'has no credential');
      }
      let opened: unknown;
      try {
        opened = JSON.parse(sealed.open(configuration.credential, credentialPlace(configuration)));
      } catch {
        throw new UnusableConfiguration(configuration, 'the credential cannot be opened');
      }
      const parsed = schema.safeParse(opened);
      if (parsed.success) return parsed.data;
      const fields = parsed.error.issues.map(({ path }) => path.join('.') || '(whole)');
      throw new UnusableConfiguration(configuration, `the credential does not fit: ${fields.join(', ')}`);
    },
  };
}
