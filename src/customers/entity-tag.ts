/** A customer's `ETag` (RFC 9110 §8.8.3): its version. */
export const entityTag = (version: number): string => `"${version}"`;

/**
 * The versions that `If-Match` permits, by strong comparison (RFC 9110 §13.1.1); null permits any. What no answer of ours
 * ever said permits none.
 */
export function permittedVersions(ifMatch: string | undefined): number[] | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  return ifMatch.split(',').flatMap((tag) => {
    const version = /^\s*"([1-9]\d{0,8})"\s*$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}
