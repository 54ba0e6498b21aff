import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Where to put pictures, if anywhere. */
const FOLDER = process.env.NX_PICTURES;
/** Those that themes/README.md shows, and says how to make anew. */
const SHOWN = ['login sign-in vi', 'login code of an app vi', 'login desk en'];

/** A picture of the page for docs/, when `NX_PICTURES` names a folder. */
export async function pictureFor(page: Page, name: string): Promise<void> {
  if (!FOLDER || !SHOWN.includes(name)) return;
  await page.screenshot({ path: join(FOLDER, `${name.replaceAll(' ', '-')}.png`) });
}
