import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertPortsFree, freePorts, type Ports } from './ports.js';

/**
 * Free ports for a test run. The service's stays the same from run to run as long as it is free, because the realm
 * holds the service's URL and is made only once (postgres-template.ts).
 */
export async function testPorts(cacheDir: string): Promise<Ports> {
  const ports = await freePorts();
  const path = join(cacheDir, 'test-service-port');
  const service = remembered(path);
  const usable = Number.isInteger(service) && !Object.values(ports).includes(service);
  if (usable) {
    const kept = { ...ports, service };
    const free = await assertPortsFree(kept, ['service']).then(
      () => true,
      () => false,
    );
    if (free) return kept;
  }
  writeFileSync(path, String(ports.service));
  return ports;
}

function remembered(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}
