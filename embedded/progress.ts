/** Tells the person at the terminal what is going on, one line a step. */
export type Progress = (text: string) => void;

/** Lines with the seconds since the process began, so that the time of npm ci and tsc counts too. */
export function elapsedProgress(write: (line: string) => void): Progress {
  return (text) => write(`[${(performance.now() / 1000).toFixed(1).padStart(5)} s] ${text}\n`);
}
