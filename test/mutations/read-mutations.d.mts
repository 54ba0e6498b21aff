export interface Mutation {
  name: string;
  path: string;
  promise: string;
  testFile: string;
  title: string;
  rebuild: 'none' | 'service' | 'database' | 'bridge';
  /** Paths of the changed files. */
  touched: string[];
}
export function readMutations(): Mutation[];
export function titlePattern(title: string): string;
