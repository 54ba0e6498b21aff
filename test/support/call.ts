export const BASE = '/v1/api/identity';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  headers: Headers;
  text: string;
}

/** One HTTP call; the body is parsed when it is JSON. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
    headers: response.headers,
    text,
  };
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

export function postForm(url: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return call(url, { method: 'POST', body: new URLSearchParams(form), headers });
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Password sign-in through the interface. */
export function signIn(
  service: { url: string },
  person: { email: string; password: string },
  extra: { totp?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return post(
    `${service.url}${BASE}/auth/sign-in`,
    {
      identifier: { scheme: 'email', value: person.email },
      credential: {
        scheme: 'password',
        value: person.password,
        ...(extra.totp === undefined ? {} : { totp: extra.totp }),
      },
    },
    extra.headers,
  );
}
