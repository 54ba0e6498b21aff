/** Whether `If-None-Match` names what there is, by weak comparison (RFC 9110 §13.1.2): then the answer is 304. */
export function hasEntityTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return (
    header === '*' || header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
  );
}
