/** A process part that was started. */
export interface Running {
  /** Finishes what is under way, then lets go of everything. */
  stop(): Promise<void>;
}
