/**
 * Text without control characters (Unicode's Cc). Written without flags and without `\p`, as it also stands in the OpenAPI
 * document, where a pattern has no flags and readers in other languages know no such class.
 * @param without further characters, as the inside of a class
 */
export const printableText = (without = ''): RegExp =>
  new RegExp(`^[^\\u0000-\\u001f\\u007f-\\u009f${without}]*$`);

/** The same on one line, whichever way a line may end. */
export const oneLine = (without = ''): RegExp => printableText(`\\u2028\\u2029${without}`);
