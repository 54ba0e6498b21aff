/**
 * `npm run timing [-- --count 1000 --scheme phone otp sign-in sign-up forgot-password]`: whether answers tell by their time who is known
 * (O5). Asks for known and unknown identifiers, each once and in turns, three at a time where answers wait for a beat, else one, and prints the 95 % interval of
 * the median difference of those that were asked about side by side, beside an A/A run of two lists of unknown ones. Limits
 * by address are lifted. Of the times nothing is asserted; an answer of another status, other headers or another shape ends the run.
 */
import { parseArgs } from 'node:util';
import { BASE, startService } from './start-service.mjs';

const { values, positionals } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, scheme: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const COUNT = Number(values.count);
const ALL = ['otp', 'sign-in', 'sign-up', 'forgot-password'];
const wanted = positionals.length > 0 ? positionals : ALL;
const unknown = wanted.filter((name) => !ALL.includes(name));
if (unknown.length > 0 || !(COUNT > 0)) {
  process.stderr.write(
    `There is no ${unknown.join(', ') || `count of ${values.count}`}; there are ${ALL.join(', ')}.\n`,
  );
  process.exit(1);
}
const { createRuns } = await import('./timing-runs.mjs');
const lifted = ['SIGN_IN_PER_IDENTIFIER', 'SIGN_IN_PER_ADDRESS', 'OTP_PER_ADDRESS', 'OTP_PER_ADDRESS_BLOCK'];

const { parts, url, stop } = await startService({ lifted });
try {
  const { scheme: schemes = ['email', 'phone'] } = values;
  const runs = createRuns({ parts, count: COUNT, schemes, base: `${url}${BASE}/auth` });
  for (const name of wanted) await runs[name]();
} finally {
  await stop();
}
process.exit(0);
