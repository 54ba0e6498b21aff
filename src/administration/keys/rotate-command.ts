import { describeLaggards } from './describe-keys.js';
import type { KeyTools } from './key-tools.js';
import type { KeyFlags } from './keys-command.js';

/** Milliseconds that a command waits for replicas unless told otherwise. */
export const PATIENCE_MS = 60_000;

/** `keys rotate`. @throws FolderReadOnly, NoKeyYet */
export async function rotate(tools: KeyTools, flags: KeyFlags): Promise<number> {
  const { say, leadS } = tools;
  if (flags.printSecret) return printSecret(tools);
  const activation = flags.force ? 'at_once' : flags.wait ? 'after_consumers' : undefined;
  const { kid, made } = await tools.rotateKey(activation);
  say(made ? `A new key is published: ${kid}` : `A rotation is under way already, with the key ${kid}`);
  if (!activation) {
    say(`It signs ${leadS} s after every replica shows it; "keys status" tells how far that is.`);
    return 0;
  }
  const signs = await tools.awaitActivation(kid, {
    atMost: flags.timeoutMs ?? (flags.wait ? Number.POSITIVE_INFINITY : PATIENCE_MS),
    onWaiting: (laggards) => say(describeLaggards(laggards)),
  });
  say(signs ? `It signs now: ${kid}` : 'It does not sign yet; the servers go on waiting for the above.');
  return signs ? 0 : 1;
}

/** On stdout alone and only when asked for: what is printed is the private key. */
async function printSecret({ makeKeyText, say }: KeyTools): Promise<number> {
  const { name, pem } = await makeKeyText();
  say(JSON.stringify({ data: { [name]: Buffer.from(pem).toString('base64') } }));
  return 0;
}
