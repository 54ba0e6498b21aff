/** A place in a status list, held by one session or credential and never given to another. */
export interface StatusPlace {
  list: number;
  idx: number;
}
