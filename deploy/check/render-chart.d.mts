export type Variant = 'default' | 'B' | 'G' | 'everything';
export const VARIANTS: Record<Variant, string[]>;
export function renderChart(valuesFiles: readonly string[]): Promise<string>;
export function lintChart(valuesFiles: readonly string[]): Promise<string>;
