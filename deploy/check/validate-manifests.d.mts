export const VERSIONS: readonly string[];
export function installValidator(): Promise<string>;
export function validateManifests(yaml: string): Promise<void>;
