/**
 * Where something counts: `*` everywhere, `@` wherever the subject is a member, else `=` and a domain's name such as
 * `=Merchant_5`: so nothing that somebody writes into a row can be taken for one of the first two.
 */
export type DomainKey = '*' | '@' | `=${string}`;

export const EVERYWHERE = '*';
export const WHERE_MEMBER = '@';
export const PLATFORM = 'Platform';

export const domainKey = (type: string, id: string): DomainKey => `=${type}_${id}`;

/** A merchant as a check names it. */
export const merchantDomain = (id: string): string => `Merchant_${id}`;

interface DomainColumns {
  domain: string | null;
  domainType: string | null;
  domainId: string | null;
}

/** The name in either spelling of the columns; the pair wins where both are there. */
function domainName({ domain, domainType, domainId }: DomainColumns): string | undefined {
  if (!domainType) return domain || undefined;
  const id = domainId ?? domain?.slice(domain.indexOf('_') + 1);
  return id && id !== domainType ? `${domainType}_${id}` : domainType;
}

/** Where a role is held: without a domain, and at `Platform`, everywhere. */
export function heldAt(columns: DomainColumns): DomainKey {
  const name = domainName(columns);
  return name === undefined || name === PLATFORM ? EVERYWHERE : `=${name}`;
}

/** Where a grant counts for whoever holds it: besides as above, `SYSTEM_WIDE` and `ANY_MEMBER` of the framework. */
export function grantedAt(columns: DomainColumns): DomainKey {
  const name = domainName(columns);
  if (name === 'ANY_MEMBER') return WHERE_MEMBER;
  return name === 'SYSTEM_WIDE' ? EVERYWHERE : heldAt(columns);
}
