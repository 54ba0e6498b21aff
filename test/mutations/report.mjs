const WORDS = {
  red: 'red',
  green: 'GREEN (not caught)',
  'no verdict': 'NO VERDICT (the test did not run)',
  'did not apply': 'did not apply',
};

export const inWords = (verdict) => WORDS[verdict];

/** The table, and whether all is well: every mutation caught, and every test green again afterwards. */
export function describeOutcomes(outcomes, notGreenAfterwards) {
  const width = Math.max(...outcomes.map(({ mutation }) => mutation.name.length));
  const caught = outcomes.filter(({ verdict }) => verdict === 'red').length;
  const lines = [
    '',
    ...outcomes.map(
      ({ mutation, verdict }) => `${inWords(verdict)}  ${mutation.name.padEnd(width)}  ${mutation.promise}`,
    ),
    ...notGreenAfterwards.map((test) => `not green with everything restored: ${test}`),
    '',
    `${caught} of ${outcomes.length} caught`,
  ];
  const ok = caught === outcomes.length && notGreenAfterwards.length === 0;
  return { text: `${lines.join('\n')}\n`, ok };
}
