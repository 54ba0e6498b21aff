import { randomBytes, randomInt } from 'node:crypto';

const BASE = '/v1/api/identity';
const PASSWORD = 'Traffic-password-1';

/** What people do, in the smallest doses that make figures move. Every call answers the body, whatever the status is. */
export function traffic(url) {
  const post = async (path, body, token) => {
    const headers = {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    const init = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${url}${BASE}${path}`, init);
    return response.json().catch(() => ({}));
  };
  const signUp = (scheme, value) =>
    post('/auth/sign-up', {
      identifier: { scheme, value },
      credential: { scheme: 'password', value: PASSWORD },
      profile: { displayName: 'Traffic' },
    });
  return {
    post,
    signIn: (email, password) =>
      post('/auth/sign-in', {
        identifier: { scheme: 'email', value: email },
        credential: { scheme: 'password', value: password },
      }),
    signUpByMail: () => signUp('email', `${randomBytes(6).toString('hex')}@traffic.test`),
    signUpByPhone: (phone = newPhone()) => signUp('phone', phone),
    /** Of somebody whom nobody knows: counted, and never sent. */
    askForCode: () =>
      post('/auth/otp/request', {
        namespace: 'phone-auth',
        identifier: { scheme: 'phone', value: newPhone() },
      }),
    document: () => fetch(`${url}/jw-certs`).then((response) => response.arrayBuffer()),
  };
}

export const newPhone = () => `+8498${String(randomInt(10_000_000)).padStart(7, '0')}`;
