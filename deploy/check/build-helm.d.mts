export function buildHelm(): Promise<string>;
