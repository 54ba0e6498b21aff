import { newPhone, traffic } from '../check/traffic.mjs';

const ADMIN = ['admin@demo.test', 'Demo-admin-1'];
const BLOCK = newPhone().slice(0, -3);

/** People as the drill needs them. */
export function drillPeople(stage) {
  const { signIn, signUpByMail, signUpByPhone, askForCode, post } = traffic(stage.url);
  let inBlock = 0;
  return {
    signInRightly: () => signIn(...ADMIN).catch(() => undefined),
    signInWrongly: () => signIn('nobody@traffic.test', 'wrong'),
    signUpByMail,
    signUpByPhone: () => signUpByPhone(),
    askForCode,
    async signUpInOneBlock(count) {
      for (let n = 0; n < count; n += 1) {
        inBlock += 1;
        await signUpByPhone(BLOCK + String(inBlock).padStart(3, '0'));
      }
    },
    async replayDead() {
      const dead = await stage.sql(`SELECT id FROM identity."Message" WHERE status = 'dead'`);
      const { accessToken } = await signIn(...ADMIN);
      for (const { id } of dead) await post(`/messages/${id}/replay`, {}, accessToken);
    },
  };
}
