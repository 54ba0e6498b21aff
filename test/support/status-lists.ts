import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list';
import { createLocalJWKSet, decodeJwt, type JWTVerifyResult, jwtVerify } from 'jose';
import { type Answer, BASE, call } from './call.js';

export interface StatusRef {
  idx: number;
  uri: string;
}

/** What the token says of itself. */
export const statusOf = (token: string): StatusRef =>
  (decodeJwt(token).status as { status_list: StatusRef }).status_list;

/** A list's address at one replica: tokens name the public one. */
export const listUrl = (service: { url: string }, uri: string): string => service.url + new URL(uri).pathname;

export const fetchList = (service: { url: string }, uri: string, headers: Record<string, string> = {}) =>
  call(listUrl(service, uri), { headers });

/** 1: over before its time. */
export async function statusAt(service: { url: string }, { idx, uri }: StatusRef): Promise<number> {
  const { text } = await fetchList(service, uri);
  return getListFromStatusListJWT(text).getStatus(idx);
}

/** By the lists' own key set. */
export async function verifyList(service: { url: string }, list: Answer): Promise<JWTVerifyResult> {
  const { body } = await call(`${service.url}${BASE}/token-status-lists/keys`);
  return jwtVerify(list.text, createLocalJWKSet(body), { typ: 'statuslist+jwt', algorithms: ['ES256'] });
}
