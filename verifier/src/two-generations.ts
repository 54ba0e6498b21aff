/** What is remembered by a text key; of what nobody asks for again, the oldest goes first. */
export interface TwoGenerations<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  clear(): void;
}

/**
 * Two generations of `size`: what is used lives on in the younger one. Moving each hit to the end of one Map, as is often
 * done, is slow just for what is asked for often: V8 keeps what was deleted in its bucket until the Map is laid out anew.
 */
export function createTwoGenerations<T>(size: number): TwoGenerations<T> {
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  function set(key: string, value: T): void {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }

  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    set,
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}
