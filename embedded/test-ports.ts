import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertPortsFree, freePorts, type Ports } from './ports.js';
import { writePrivately } from './secrets-file.js';

/** What the realm holds: it is made only once (postgres-template.ts). */
const HELD = ['service'] as const;

/** Free ports for a test run. Those that the realm holds stay the same from run to run as long as they are free. */
export async function testPorts(cacheDir: string): Promise<Ports> {
  const ports = await freePorts();
  const path = join(cacheDir, 'test-ports.json');
  const kept = { ...ports, ...remembered(path) };
  const distinct = new Set(Object.values(kept)).size === Object.keys(kept).length;
  const usable = distinct && HELD.every((name) => Number.isInteger(kept[name]));
  const free =
    usable &&
    (await assertPortsFree(kept, HELD).then(
      () => true,
      () => false,
    ));
  if (free) return remember(path, kept);
  return remember(path, ports);
}

function remember(path: string, ports: Ports): Ports {
  // Replaced whole: copies of a cache are hard links.
  writePrivately(path, JSON.stringify(Object.fromEntries(HELD.map((name) => [name, ports[name]]))));
  return ports;
}

function remembered(path: string): Partial<Ports> {
  try {
    const { service } = JSON.parse(readFileSync(path, 'utf8'));
    return { service };
  } catch {
    return {};
  }
}
