/** The header of a page that has a next one (RFC 8288 §3); its target is relative to the request's own address. */
export function linkToNext(path: string, query: Record<string, unknown>): { Link: string } {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) next.set(name, String(value));
  }
  return { Link: `<${path}?${next}>; rel="next"` };
}
