/** `npm start` (and `npm run dev`, with --watch). Built-ins only, as nothing may be installed yet. */
import { bootstrap } from './bootstrap.mjs';

/** A second start must not compile over what the first one runs: it goes straight on, and is refused. */
async function isRunning() {
  try {
    const { assertNotRunning } = await import('../dist/embedded/launcher-lock.js');
    const { startDataDir } = await import('../dist/embedded/data-dir.js');
    assertNotRunning(startDataDir());
    return false;
  } catch (error) {
    return error.name === 'StartFailure';
  }
}

if (!(await isRunning())) await bootstrap();
const { start } = await import('../dist/embedded/start.js');
process.exit(await start({ watch: process.argv.includes('--watch') }));
