/** The same rules with every span of time so many times shorter, a second at least. */
export function shortenRules(text: string, factor: number): string;
