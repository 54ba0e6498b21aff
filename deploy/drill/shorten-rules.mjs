const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };
const DURATION = /\b(\d+)([smhd])\b/g;

/**
 * The same rules with every span of time so many times shorter: windows, offsets, `for` and the interval, a second at
 * least. Thresholds stay: they are no spans to wait for.
 */
export function shortenRules(text, factor) {
  const shorter = (span) =>
    span.replace(
      DURATION,
      (_, count, unit) => `${Math.max(1, Math.round((count * SECONDS[unit]) / factor))}s`,
    );
  return text
    .replace(/^(\s+(?:for|interval): )(.+)$/gm, (_, key, span) => key + shorter(span))
    .replace(/\[[^\]]+\]|\boffset \S+/g, shorter);
}
