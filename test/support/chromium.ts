import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's; `.ci/run` installs it. `npm test` asks for no browser, so without one its tests are left out. */
const PATH = '/usr/bin/chromium';

export const hasChromium = (): boolean => existsSync(PATH);

export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
