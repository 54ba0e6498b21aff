/** Each file's name and text. */
export function makeDashboards(): { file: string; text: string }[];
