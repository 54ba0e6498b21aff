export interface Fault {
  what: string;
  /** What must fire while it lasts, and resolve after it. */
  alerts: string[];
  begin?(): Promise<unknown>;
  /** Done again and again while it lasts. */
  act(): Promise<unknown>;
  end?(): Promise<unknown>;
  recover?(): Promise<unknown>;
}
/** How each alert is made to fire. @param tools the stage, the people on it, and the stand-in for the probe from outside */
export function faults(tools: { stage: unknown; people: unknown; probe: unknown }): Fault[];
