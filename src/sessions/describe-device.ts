import Bowser from 'bowser';

export interface Device {
  /** Such as `Chrome on Windows`; null when the agent says nothing that is known. */
  name: string | null;
  type: 'desktop' | 'mobile' | 'tablet' | 'tv' | null;
}

const TYPES = ['desktop', 'mobile', 'tablet', 'tv'] as const;

/** What a `User-Agent` says of the device; a stranger's words are never passed on. */
export function describeDevice(agent: string): Device {
  if (agent.trim() === '') return { name: null, type: null };
  const { browser, os, platform } = Bowser.parse(agent);
  const known = [browser.name, os.name].filter((name) => name !== undefined && name !== '');
  const type = TYPES.find((each) => each === platform.type) ?? null;
  return { name: known.length === 0 ? null : known.join(' on '), type };
}
